// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte before a kmalloc object is written.
 * After: kasan_test kmalloc_oob_left.
 * Seen: out of bounds, at kfree() by the redzone, or at the write itself.
 */
#include "catalogue.h"

static int __init start(void)
{
	ptrdiff_t first = fixed ? 0 : -1;
	char *name = kmalloc(64, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	WRITE_ONCE(name[hide(first)], 'x'); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
