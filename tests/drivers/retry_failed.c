// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path keeps an ISA DMA channel claimed. That is a bit in a table of the
 * kernel's: no memory and no pointer tells of it, only that the next attempt gets -EBUSY.
 * Finding: retry-failed (-EBUSY), refusal 1.
 */
#include <asm/dma.h>
#include <linux/module.h>
#include <linux/slab.h>

#define CHANNEL 5

static void *ring;

static int __init retry_failed_init(void)
{
	int err = request_dma(CHANNEL, NULL);

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		free_dma(CHANNEL);
	return -ENOMEM;
}

static void __exit retry_failed_exit(void)
{
	kfree(ring);
	free_dma(CHANNEL);
}

module_init(retry_failed_init);
module_exit(retry_failed_exit);
MODULE_LICENSE("GPL");
