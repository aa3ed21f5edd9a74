// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind an object of a cache of its own is written.
 * After: kasan_test kmem_cache_oob; slub_kunit test_clobber_zone.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_oob", 200, 0, 0, NULL);
	size_t end = fixed ? 199 : 200;
	char *request;

	if (!cache)
		return -ENOMEM;
	request = kmem_cache_alloc(cache, GFP_KERNEL); /* @made */
	if (request) {
		WRITE_ONCE(request[hide(end)], 1); /* @bug */
		kmem_cache_free(cache, request);
	}
	kmem_cache_destroy(cache);
	return request ? 0 : -ENOMEM;
}

only_init(start);
