/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pools of small blocks of coherent DMA memory. Follows mm/dmapool.c and include/linux/dmapool.h of
 * 6.1. A pool and its page records are kmalloc'ed, its pages are kf_dma_alloc_coherent(): requests
 * of their own. Pages are never given back before the pool is destroyed.
 */
#ifndef KFAIL_ALLOCATOR_DMA_POOL_H
#define KFAIL_ALLOCATOR_DMA_POOL_H

#include "dma.h"

/* struct dma_pool */
struct kf_dma_pool {
	struct kf_dma_pool *next;  /* of all pools */
	struct kf_dma_page *pages; /* newest first */
	struct kf_dma_device dev;
	u32 lock;
	u32 size, allocation, boundary; /* bytes: of a block, of a page, that no block crosses */
	char name[32];
};

/*
 * dma_pool_create(): blocks of `size` bytes (at least 4) at multiples of `align` (a power of two;
 * 0: 1), none of which crosses a multiple of `boundary` (a power of two and at least size; 0: none
 * of the page). NULL: nonsense, or no memory. May sleep.
 */
struct kf_dma_pool *kf_dma_pool_create(const char *name, const struct kf_dma_device *dev,
				       size_t size, size_t align, size_t boundary);

/* dma_pool_destroy(): NULL is fine. A page with blocks that are out is told, with the kernel's
 * line, and stays allocated for good, since the device may still write to it. */
void kf_dma_pool_destroy(struct kf_dma_pool *pool);

/* dma_pool_alloc(), dma_pool_zalloc() (gfp with __GFP_ZERO): NULL and *handle untouched when there
 * is no memory. Context as gfp says. Without __GFP_ZERO the block is full of 0xa9. */
void *kf_dma_pool_alloc(struct kf_dma_pool *pool, u32 gfp, u64 *handle);

/* dma_pool_free(): told, with the kernel's lines, and nothing freed: a handle that is not of this
 * pool (bad dma), an address that does not fit it (bad vaddr), a block that is free already. Any
 * context. */
void kf_dma_pool_free(struct kf_dma_pool *pool, void *addr, u64 handle);

/* The sysfs file `pools` of a device, a line a call: name, blocks in use, capacity, block size,
 * pages. */
void kf_dma_pools_show(const void *owner, void (*line)(const char *text, void *arg), void *arg);

#endif
