// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA pools: mm/dmapool.c. The kernel's own code stays: it asks for its pages, counts blocks, shows
 * them in sysfs, and says what it sees. What a driver gets is not the kernel's block but an object
 * of the allocators that stands for it (allocator/kin/dma_guard.h), since Debian's kernels are
 * built without DMAPOOL_DEBUG.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include "host.h"

extern struct dma_pool *orig_dma_pool_create(const char *name, struct device *dev, size_t size,
					     size_t align, size_t boundary);
extern void orig_dma_pool_destroy(struct dma_pool *pool);
extern void *orig_dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle);
extern void orig_dma_pool_free(struct dma_pool *pool, void *block, dma_addr_t handle);

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				 size_t boundary)
{
	struct dma_pool *pool = orig_dma_pool_create(name, dev, size, align, boundary);
	struct kf_dma_guard_request req = {
		.pool = pool,
		.name = name,
		.size = size,
		.align = align,
		.boundary = boundary,
	};

	if (!pool || !dev)
		return pool;
	req.dev.owner = dev;
	req.dev.coherent_mask = dev->coherent_dma_mask;
	req.dev.driver = dev_driver_string(dev);
	req.dev.name = dev_name(dev);
	kf_dma_guard_open(&req);
	return pool;
}

void dma_pool_destroy(struct dma_pool *pool)
{
	if (pool)
		kf_dma_guard_close(pool);
	orig_dma_pool_destroy(pool);
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	struct kf_dma_backing own = {};
	void *block;

	own.addr = orig_dma_pool_alloc(pool, gfp, &own.handle);
	if (!own.addr)
		return NULL;
	if (!kf_dma_guarded(pool)) {
		*handle = own.handle;
		return own.addr;
	}
	block = kf_dma_guard_alloc(pool, gfp & gfp_allowed_mask, &own, handle);
	if (!block)
		orig_dma_pool_free(pool, own.addr, own.handle);
	return block;
}

void dma_pool_free(struct dma_pool *pool, void *block, dma_addr_t handle)
{
	struct kf_dma_backing own = {.addr = block, .handle = handle};

	if (!kf_dma_guarded(pool) || kf_dma_guard_free(pool, block, handle, &own))
		orig_dma_pool_free(pool, own.addr, own.handle);
}
