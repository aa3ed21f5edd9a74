// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind an object of a bulk allocation is written.
 * After: kasan_test kmem_cache_bulk.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_bulk", 72, 0, 0, NULL);
	size_t end = fixed ? 71 : 72;
	void *requests[8];
	int count;

	if (!cache)
		return -ENOMEM;
	count = kmem_cache_alloc_bulk(cache, GFP_KERNEL, 8, requests); /* @made */
	if (count) {
		WRITE_ONCE(((char *)requests[3])[hide(end)], 1); /* @bug */
		kmem_cache_free_bulk(cache, count, requests);
	}
	kmem_cache_destroy(cache);
	return count ? 0 : -ENOMEM;
}

only_init(start);
