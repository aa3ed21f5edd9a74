// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is read after kfree().
 * After: LKDTM READ_AFTER_FREE; kasan_test kmalloc_uaf.
 * Seen: use after free, at the read itself: nothing of it is left afterwards.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *slot = kzalloc(80, GFP_KERNEL); /* @made */

	if (!slot)
		return -ENOMEM;
	if (fixed)
		(void)READ_ONCE(slot[40]);
	kfree(slot); /* @freed */
	if (!fixed)
		(void)READ_ONCE(hide(slot)[40]); /* @bug */
	return 0;
}

only_init(start);
