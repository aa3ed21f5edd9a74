// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a cache.
 * Seen: leak.
 */
#include "catalogue.h"

static struct kmem_cache *cache;

static int __init start(void)
{
	cache = kmem_cache_create("catalogue_forgotten", 120, 0, 0, NULL); /* @made */
	return cache ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		kmem_cache_destroy(cache);
}

module_init(start);
module_exit(stop);
