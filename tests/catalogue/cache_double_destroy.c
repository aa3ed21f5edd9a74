// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a cache is destroyed twice.
 * After: kasan_test kmem_cache_double_destroy.
 * Seen: double free, or use after free of the cache itself.
 */
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("catalogue_twice", 200, 0, 0, NULL); /* @made */

	if (!cache)
		return -ENOMEM;
	kmem_cache_destroy(cache); /* @freed */
	if (!fixed)
		kmem_cache_destroy(hide(cache)); /* @bug */
	return 0;
}

only_init(start);
