// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmem_cache_free() of a pointer one byte into an object.
 * After: kasan_test kmem_cache_invalid_free.
 * Seen: invalid free.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_invalid", 200, 0, 0, NULL);
	char *request;

	if (!cache)
		return -ENOMEM;
	request = kmem_cache_alloc(cache, GFP_KERNEL); /* @made */
	if (request) {
		if (!fixed)
			kmem_cache_free(cache, hide(request + 1)); /* @bug */
		kmem_cache_free(cache, request);
	}
	kmem_cache_destroy(cache);
	return request ? 0 : -ENOMEM;
}

only_init(start);
