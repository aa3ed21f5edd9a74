// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmem_cache_free() of a page that was never in a cache.
 * After: LKDTM SLAB_FREE_PAGE.
 * Seen: invalid free.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	struct kmem_cache *cache = kmem_cache_create("catalogue_page", 96, 0, 0, NULL);
	unsigned long page;

	if (!cache)
		return -ENOMEM;
	page = __get_free_page(GFP_KERNEL); /* @made */
	if (page && !fixed)
		kmem_cache_free(cache, (void *)hide(page)); /* @bug */
	free_page(page);
	kmem_cache_destroy(cache);
	return page ? 0 : -ENOMEM;
}

only_init(start);
