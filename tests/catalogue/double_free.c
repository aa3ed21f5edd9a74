// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of an object twice.
 * After: LKDTM SLAB_FREE_DOUBLE; kasan_test kfree_via_page.
 * Seen: double free.
 */
#include "catalogue.h"

static int __init start(void)
{
	void *slot = kmalloc(96, GFP_KERNEL); /* @made */

	if (!slot)
		return -ENOMEM;
	kfree(slot); /* @freed */
	if (!fixed)
		kfree(hide(slot)); /* @bug */
	return 0;
}

only_init(start);
