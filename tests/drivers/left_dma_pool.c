// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a DMA pool.
 * Finding: resource-leak (DMA pool), made in make_pool().
 */
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *device;
static struct dma_pool *pool;
static void *ring;

static noinline struct dma_pool *make_pool(void)
{
	return dma_pool_create("kfail_ring", device, 64, 64, 0);
}

static int __init left_dma_pool_init(void)
{
	device = root_device_register("kfail_left_dma_pool");
	if (IS_ERR(device))
		return PTR_ERR(device);
	pool = make_pool();
	if (!pool)
		goto remove_device;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		dma_pool_destroy(pool);
remove_device:
	root_device_unregister(device);
	return -ENOMEM;
}

static void __exit left_dma_pool_exit(void)
{
	kfree(ring);
	dma_pool_destroy(pool);
	root_device_unregister(device);
}

module_init(left_dma_pool_init);
module_exit(left_dma_pool_exit);
MODULE_LICENSE("GPL");
