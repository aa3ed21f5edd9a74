// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a block of a DMA pool.
 * Seen: invalid free.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include "catalogue.h"

static int use(struct dma_pool *pool)
{
	dma_addr_t handle;
	void *block = dma_pool_alloc(pool, GFP_KERNEL, &handle); /* @made */

	if (!block)
		return -ENOMEM;
	if (fixed)
		dma_pool_free(pool, block, handle);
	else
		kfree(hide(block)); /* @bug */
	return 0;
}

static int __init start(void)
{
	struct device *device = root_device_register("catalogue_kfree_of_dma_pool");
	struct dma_pool *pool;
	int error = -ENOMEM;

	if (IS_ERR(device))
		return PTR_ERR(device);
	device->dma_mask = &device->coherent_dma_mask;
	dma_set_mask_and_coherent(device, DMA_BIT_MASK(64));
	pool = dma_pool_create("catalogue", device, 64, 8, 0);
	if (pool) {
		error = use(pool);
		dma_pool_destroy(pool);
	}
	root_device_unregister(device);
	return error;
}

only_init(start);
