// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is taken from a cache that is destroyed.
 * After: kasan_test kmem_cache_double_destroy.
 * Seen: use after free.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_gone", 96, 0, 0, NULL); /* @made */
	void *request = NULL;

	if (!cache)
		return -ENOMEM;
	if (fixed)
		request = kmem_cache_alloc(cache, GFP_KERNEL);
	if (request)
		kmem_cache_free(cache, request);
	kmem_cache_destroy(cache); /* @freed */
	if (!fixed)
		request = kmem_cache_alloc(hide(cache), GFP_KERNEL); /* @bug */
	return request ? 0 : -ENOMEM;
}

only_init(start);
