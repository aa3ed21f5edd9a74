/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coherent DMA memory: pages that a device reaches by a bus address, which here is the physical one. Follows
 * kernel/dma/direct.c (which zone a mask means), kernel/dma/mapping.c, and for the checks kernel/dma/debug.c
 * of 6.1. Pages come from the page allocator: one request, and one more for each lower zone that is tried
 * because the first block lay too high for the device.
 */
#ifndef KFAIL_ALLOCATOR_DMA_H
#define KFAIL_ALLOCATOR_DMA_H

#include "../core/types.h"

/* Who the memory is for. `owner` tells devices apart and is never followed. */
struct kf_dma_device {
	const void *owner;
	u64 coherent_mask; /* highest bus address that it reaches; 0: none was set, refused as in the kernel */
	const char *driver; /* for texts; NULL: "NULL" */
	const char *name;
};

/*
 * dma_alloc_coherent(): whole zeroed pages, physically contiguous, *handle the bus address. NULL: refused, or no memory
 * below the mask; *handle is untouched then. Context as gfp says.
 */
void *kf_dma_alloc_coherent(const struct kf_dma_device *dev, size_t size, u64 *handle, u32 gfp);

/*
 * dma_free_coherent(): addr NULL is fine. Told, with the line of dma-debug, and nothing freed: memory that this device
 * did not allocate, a second free, another size, another CPU address.
 */
void kf_dma_free_coherent(const struct kf_dma_device *dev, size_t size, void *addr, u64 handle);

/* The driver lets go of the device: what is still allocated is told as dma-debug does; returns the number of
 * blocks. */
unsigned kf_dma_released(const struct kf_dma_device *dev);

#endif
