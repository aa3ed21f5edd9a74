// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind what ksize() allows is written.
 * After: kasan_test ksize_unpoisons_memory.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *name = kmalloc(123, GFP_KERNEL); /* @made */
	size_t size;

	if (!name)
		return -ENOMEM;
	size = ksize(name);
	WRITE_ONCE(name[hide(fixed ? size - 1 : size)], 'x'); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
