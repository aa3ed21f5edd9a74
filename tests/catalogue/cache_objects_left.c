// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a cache is destroyed while an object of it is in use.
 * Seen: the object is leaked; the kernel warns that the cache still has objects.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_left", 64, 0, 0, NULL);
	void *request;

	if (!cache)
		return -ENOMEM;
	request = kmem_cache_alloc(cache, GFP_KERNEL); /* @made */
	if (request && fixed)
		kmem_cache_free(cache, request);
	kmem_cache_destroy(cache); /* @bug */
	return request ? 0 : -ENOMEM;
}

only_init(start);
