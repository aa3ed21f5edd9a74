// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the first word of a freed object is written, where SLUB keeps its list of free objects.
 * After: LKDTM; slub_kunit test_next_pointer.
 * Seen: use after free.
 */
#include "catalogue.h"

static int __init start(void)
{
	unsigned long *slot = kmalloc(32, GFP_KERNEL); /* @made */

	if (!slot)
		return -ENOMEM;
	kfree(slot); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(slot)[2], ~READ_ONCE(slot[2])); /* @bug */
	slot = kmalloc(32, GFP_KERNEL);
	kfree(slot);
	return slot ? 0 : -ENOMEM;
}

only_init(start);
