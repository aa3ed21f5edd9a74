// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind a kmalloc object is written.
 * After: kasan_test kmalloc_oob_right.
 * Seen: out of bounds, at kfree() by the redzone, or at the write itself.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 122 : 123;
	char *name = kmalloc(123, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	WRITE_ONCE(name[hide(end)], 'x'); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
