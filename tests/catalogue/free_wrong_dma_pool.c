// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a block goes back to another DMA pool than the one that it is from.
 * Seen: invalid free.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include "catalogue.h"

static struct dma_pool *commands, *answers;

static int use(void)
{
	dma_addr_t handle;
	void *block = dma_pool_alloc(commands, GFP_KERNEL, &handle); /* @made */

	if (!block)
		return -ENOMEM;
	dma_pool_free(fixed ? commands : answers, block, handle); /* @bug */
	return 0;
}

static int __init start(void)
{
	struct device *device = root_device_register("catalogue_free_wrong_dma_pool");
	int error = -ENOMEM;

	if (IS_ERR(device))
		return PTR_ERR(device);
	device->dma_mask = &device->coherent_dma_mask;
	dma_set_mask_and_coherent(device, DMA_BIT_MASK(64));
	commands = dma_pool_create("commands", device, 64, 64, 0);
	answers = dma_pool_create("answers", device, 64, 64, 0);
	if (commands && answers)
		error = use();
	dma_pool_destroy(answers);
	dma_pool_destroy(commands);
	root_device_unregister(device);
	return error;
}

only_init(start);
