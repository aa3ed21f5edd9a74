// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind a request too large for the slab caches is written, inside of its last
 *	page.
 * After: kasan_test kmalloc_pagealloc_oob_right.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t size = KMALLOC_MAX_CACHE_SIZE + 10, end = fixed ? size - 1 : size;
	char *ring = kmalloc(size, GFP_KERNEL); /* @made */

	if (!ring)
		return -ENOMEM;
	WRITE_ONCE(ring[hide(end)], 1); /* @bug */
	kfree(ring);
	return 0;
}

only_init(start);
