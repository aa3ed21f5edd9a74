// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind an object of kmalloc_node() is written.
 * After: kasan_test kmalloc_node_oob_right.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 2047 : 2048;
	char *ring = kmalloc_node(2048, GFP_KERNEL, 0); /* @made */

	if (!ring)
		return -ENOMEM;
	WRITE_ONCE(ring[hide(end)], 1); /* @bug */
	kfree(ring);
	return 0;
}

only_init(start);
