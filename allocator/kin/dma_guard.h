/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of DMA pools as objects of their own: with guards, poison, records of who allocated and
 * freed them, and with fences where objects have some. The pool itself (mm/dmapool.c of a rehosted
 * kernel, or dma_pool.c here) asks for pages and counts blocks as it always does; what its users
 * get is the object that stands for a block.
 *
 *	kf_dma_guard_open(pool)			the pool was made
 *	kf_dma_guard_alloc(pool, block)		it gave out this block of its own: here is what the driver gets
 *	kf_dma_guard_free(pool, addr)		the driver gives that back: here is the block that the pool gets
 *	kf_dma_guard_close(pool)		the pool is destroyed
 */
#ifndef KFAIL_ALLOCATOR_DMA_GUARD_H
#define KFAIL_ALLOCATOR_DMA_GUARD_H

#include "dma.h"

/* What dma_pool_create() was told: bytes. `pool` tells pools apart and is never followed;
 * `boundary` 0: a page, or none where a block is larger than one. */
struct kf_dma_guard_request {
	const void *pool;
	const char *name;
	struct kf_dma_device dev; /* its strings must live as long as the pool */
	size_t size, align, boundary;
};

/* A pool begins. Nothing happens when the setting `guard` is off, when its blocks are larger than a
 * page and must not cross a boundary, or when bookkeeping is full: then kf_dma_guarded() is false,
 * and blocks are the pool's own. Makes no request. */
void kf_dma_guard_open(const struct kf_dma_guard_request *req);
bool kf_dma_guarded(const void *pool);

/* A block of the pool's own, and its bus address. */
struct kf_dma_backing {
	void *addr;
	u64 handle;
};

/* What the driver gets for the pool's block `*own`; its bus address in *handle. NULL: no memory,
 * and the block is the caller's to give back. Cleared with __GFP_ZERO, else full of 0xa9. Context
 * as gfp says. */
void *kf_dma_guard_alloc(const void *pool, u32 gfp, const struct kf_dma_backing *own, u64 *handle);

/* The driver gives a block back. True: it was right, and *own is the pool's block that stood for
 * one. False: told, with the lines of DMAPOOL_DEBUG, and nothing is freed: a handle that is not of
 * this pool (bad dma), an address that does not fit it (bad vaddr), a block that is free already.
 * Any context. */
bool kf_dma_guard_free(const void *pool, void *addr, u64 handle, struct kf_dma_backing *own);

/* The pool ends. Blocks that are still out are told as KF_BUG_POOL_BUSY, with the oldest one, and
 * stay allocated. True: there were some. */
bool kf_dma_guard_close(const void *pool);

#endif
