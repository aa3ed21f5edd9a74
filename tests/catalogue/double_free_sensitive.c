// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree_sensitive() of an object twice.
 * After: kasan_test kmalloc_double_kzfree.
 * Seen: double free, or use after free in ksize().
 */
#include "catalogue.h"

static int __init start(void)
{
	void *key = kmalloc(16, GFP_KERNEL); /* @made */

	if (!key)
		return -ENOMEM;
	kfree_sensitive(key); /* @freed */
	if (!fixed)
		kfree_sensitive(hide(key)); /* @bug */
	return 0;
}

only_init(start);
