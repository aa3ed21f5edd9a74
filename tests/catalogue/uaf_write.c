// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is written after kfree().
 * After: LKDTM WRITE_AFTER_FREE; kasan_test kmalloc_uaf.
 * Seen: use after free, when the poison is looked at, or at the write itself.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *slot = kmalloc(80, GFP_KERNEL); /* @made */

	if (!slot)
		return -ENOMEM;
	if (fixed)
		WRITE_ONCE(slot[40], 'x');
	kfree(slot); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(slot)[40], 'x'); /* @bug */
	return 0;
}

only_init(start);
