// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object too large for the slab caches is written after kfree().
 * After: kasan_test kmalloc_pagealloc_uaf.
 * Seen: use after free.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *ring = kmalloc(KMALLOC_MAX_CACHE_SIZE + 10, GFP_KERNEL); /* @made */

	if (!ring)
		return -ENOMEM;
	if (fixed)
		WRITE_ONCE(ring[5000], 1);
	kfree(ring); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(ring)[5000], 1); /* @bug */
	return 0;
}

only_init(start);
