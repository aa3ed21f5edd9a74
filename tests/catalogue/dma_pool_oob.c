// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind a block of a DMA pool is written.
 * Seen: out of bounds; the kernel sees it only when the block behind is free, and built with
 *	CONFIG_SLUB_DEBUG_ON.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include "catalogue.h"

static struct device *device;

static int use(struct dma_pool *pool)
{
	size_t end = fixed ? 59 : 60;
	dma_addr_t handle;
	char *block = dma_pool_alloc(pool, GFP_KERNEL, &handle); /* @made */

	if (!block)
		return -ENOMEM;
	WRITE_ONCE(block[hide(end)], 1); /* @bug */
	dma_pool_free(pool, block, handle);
	return 0;
}

static int __init start(void)
{
	struct dma_pool *pool;
	int error = -ENOMEM;

	device = root_device_register("catalogue_dma_pool_oob");
	if (IS_ERR(device))
		return PTR_ERR(device);
	device->dma_mask = &device->coherent_dma_mask;
	dma_set_mask_and_coherent(device, DMA_BIT_MASK(64));
	pool = dma_pool_create("catalogue", device, 60, 4, 0);
	if (pool) {
		error = use(pool);
		dma_pool_destroy(pool);
	}
	root_device_unregister(device);
	return error;
}

only_init(start);
