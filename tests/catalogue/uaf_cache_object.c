// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object of a cache of its own is written after it was freed.
 * After: slub_kunit test_first_word.
 * Seen: use after free.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_uaf", 64, 0, 0, NULL);
	char *request;

	if (!cache)
		return -ENOMEM;
	request = kmem_cache_alloc(cache, GFP_KERNEL); /* @made */
	if (request) {
		if (fixed)
			WRITE_ONCE(*request, 1);
		kmem_cache_free(cache, request); /* @freed */
		if (!fixed)
			WRITE_ONCE(*hide(request), 1); /* @bug */
	}
	kmem_cache_destroy(cache);
	return request ? 0 : -ENOMEM;
}

only_init(start);
