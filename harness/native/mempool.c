// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pools by the kernel's names (mm/mempool.c of 6.1) on those of the allocators. The kernel's own pairs of functions
 * are recognised by their addresses, as mm/mempool.c does to know how large an element is.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/mempool.h"

static struct kf_mempool *inner(mempool_t *pool)
{
	return (struct kf_mempool *)pool;
}

static struct kf_mempool_source source_of(mempool_alloc_t *alloc, mempool_free_t *free, void *data)
{
	struct kf_mempool_source source = {.alloc = alloc, .free = free, .pool_data = data};

	if (alloc == mempool_alloc_slab && free == mempool_free_slab)
		source.kind = KF_MEMPOOL_SLAB;
	else if (alloc == mempool_kmalloc && free == mempool_kfree)
		source.kind = KF_MEMPOOL_KMALLOC;
	else if (alloc == mempool_alloc_pages && free == mempool_free_pages)
		source.kind = KF_MEMPOOL_PAGES;
	return source;
}

NATIVE_API mempool_t *mempool_create_node(int min_nr, mempool_alloc_t *alloc_fn,
					  mempool_free_t *free_fn, void *pool_data, gfp_t gfp_mask,
					  int node_id)
{
	struct kf_mempool_source source = source_of(alloc_fn, free_fn, pool_data);
	struct kf_mempool *pool;

	native_enter();
	pool = kf_mempool_create(min_nr, &source, gfp_mask);
	return (mempool_t *)pool;
}

NATIVE_API mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
				     void *pool_data)
{
	struct kf_mempool_source source = source_of(alloc_fn, free_fn, pool_data);
	struct kf_mempool *pool;

	native_enter();
	pool = kf_mempool_create(min_nr, &source, GFP_KERNEL);
	return (mempool_t *)pool;
}

NATIVE_API int mempool_init_node(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
				 mempool_free_t *free_fn, void *pool_data, gfp_t gfp_mask,
				 int node_id)
{
	struct kf_mempool_source source = source_of(alloc_fn, free_fn, pool_data);
	int error;

	native_enter();
	error = kf_mempool_init(inner(pool), min_nr, &source, gfp_mask);
	return error;
}

NATIVE_API int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
			    mempool_free_t *free_fn, void *pool_data)
{
	struct kf_mempool_source source = source_of(alloc_fn, free_fn, pool_data);
	int error;

	native_enter();
	error = kf_mempool_init(inner(pool), min_nr, &source, GFP_KERNEL);
	return error;
}

NATIVE_API void mempool_exit(mempool_t *pool)
{
	native_enter();
	kf_mempool_exit(inner(pool));
}

NATIVE_API void mempool_destroy(mempool_t *pool)
{
	native_enter();
	kf_mempool_destroy(inner(pool));
}

NATIVE_API int mempool_resize(mempool_t *pool, int new_min_nr)
{
	int error;

	BUG_ON(new_min_nr <= 0);
	native_may_sleep("mempool_resize");
	error = kf_mempool_resize(inner(pool), new_min_nr);
	return error;
}

NATIVE_API void *mempool_alloc(mempool_t *pool, gfp_t gfp_mask)
{
	void *element;

	if (gfp_mask & __GFP_DIRECT_RECLAIM)
		native_may_sleep("mempool_alloc");
	native_enter();
	element = kf_mempool_alloc(inner(pool), gfp_mask);
	return element;
}

NATIVE_API void mempool_free(void *element, mempool_t *pool)
{
	native_enter();
	kf_mempool_free(element, inner(pool));
}

/* ---- the kernel's own sources: called when a driver does, or mixes them with functions of its own ---------------- */

NATIVE_API void *mempool_alloc_slab(gfp_t gfp_mask, void *pool_data)
{
	return kmem_cache_alloc(pool_data, gfp_mask);
}

NATIVE_API void mempool_free_slab(void *element, void *pool_data)
{
	kmem_cache_free(pool_data, element);
}

NATIVE_API void *mempool_kmalloc(gfp_t gfp_mask, void *pool_data)
{
	return kmalloc((size_t)pool_data, gfp_mask);
}

NATIVE_API void mempool_kfree(void *element, void *pool_data)
{
	kfree(element);
}

NATIVE_API void *mempool_alloc_pages(gfp_t gfp_mask, void *pool_data)
{
	return alloc_pages(gfp_mask, (unsigned int)(long)pool_data);
}

NATIVE_API void mempool_free_pages(void *element, void *pool_data)
{
	__free_pages(element, (unsigned int)(long)pool_data);
}
