// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a DMA pool is destroyed while a block of it is in use.
 * Seen: leak; the kernel says that the pool is busy.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include "catalogue.h"

static struct device *device;
static struct dma_pool *pool;
static dma_addr_t handle;
static void *block;

static int __init start(void)
{
	device = root_device_register("catalogue_leak_dma_pool");
	if (IS_ERR(device))
		return PTR_ERR(device);
	device->dma_mask = &device->coherent_dma_mask;
	dma_set_mask_and_coherent(device, DMA_BIT_MASK(64));
	pool = dma_pool_create("catalogue", device, 64, 8, 0);
	if (pool)
		block = dma_pool_alloc(pool, GFP_KERNEL, &handle); /* @made */
	if (block)
		return 0;
	dma_pool_destroy(pool);
	root_device_unregister(device);
	return -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		dma_pool_free(pool, block, handle);
	dma_pool_destroy(pool); /* @bug */
	root_device_unregister(device);
}

module_init(start);
module_exit(stop);
