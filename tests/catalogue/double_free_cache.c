// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmem_cache_free() of an object twice.
 * After: kasan_test kmem_cache_double_free.
 * Seen: double free.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_double", 200, 0, 0, NULL);
	void *request;

	if (!cache)
		return -ENOMEM;
	request = kmem_cache_alloc(cache, GFP_KERNEL); /* @made */
	if (request) {
		kmem_cache_free(cache, request); /* @freed */
		if (!fixed)
			kmem_cache_free(cache, hide(request)); /* @bug */
	}
	kmem_cache_destroy(cache);
	return request ? 0 : -ENOMEM;
}

only_init(start);
