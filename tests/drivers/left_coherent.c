// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves coherent DMA memory allocated.
 * Finding: resource-leak (coherent DMA memory), allocated in make_ring().
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>

#define RING_SIZE 8192

static struct device *device;
static dma_addr_t bus;
static void *ring, *table;

static noinline void *make_ring(void)
{
	return dma_alloc_coherent(device, RING_SIZE, &bus, GFP_KERNEL);
}

static int __init left_coherent_init(void)
{
	int err = -ENOMEM;

	device = root_device_register("kfail_left_coherent");
	if (IS_ERR(device))
		return PTR_ERR(device);
	if (dma_coerce_mask_and_coherent(device, DMA_BIT_MASK(32))) {
		err = -EIO;
		goto remove_device;
	}
	ring = make_ring();
	if (!ring)
		goto remove_device;
	table = kmalloc(512, GFP_KERNEL);
	if (table)
		return 0;
	if (!BUGGY)
		dma_free_coherent(device, RING_SIZE, ring, bus);
remove_device:
	root_device_unregister(device);
	return err;
}

static void __exit left_coherent_exit(void)
{
	kfree(table);
	dma_free_coherent(device, RING_SIZE, ring, bus);
	root_device_unregister(device);
}

module_init(left_coherent_init);
module_exit(left_coherent_exit);
MODULE_LICENSE("GPL");
