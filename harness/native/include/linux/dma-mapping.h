/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA memory. A bus address is the physical one, so streaming mappings are arithmetic; what a real machine could not map
 * (vmalloc memory, the stack) is told and refused.
 */
#ifndef KFAIL_LINUX_DMA_MAPPING_H
#define KFAIL_LINUX_DMA_MAPPING_H

#include "device.h"
#include "dma-direction.h"
#include "mm.h"

#define DMA_ATTR_WEAK_ORDERING	    (1UL << 1)
#define DMA_ATTR_WRITE_COMBINE	    (1UL << 2)
#define DMA_ATTR_NO_KERNEL_MAPPING  (1UL << 4)
#define DMA_ATTR_SKIP_CPU_SYNC	    (1UL << 5)
#define DMA_ATTR_FORCE_CONTIGUOUS   (1UL << 6)
#define DMA_ATTR_ALLOC_SINGLE_PAGES (1UL << 7)
#define DMA_ATTR_NO_WARN	    (1UL << 8)
#define DMA_ATTR_PRIVILEGED	    (1UL << 9)

#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_BIT_MASK(n)	  (((n) == 64) ? ~0ULL : ((1ULL << (n)) - 1))

void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma_handle, gfp_t flag,
		      unsigned long attrs);
void dma_free_attrs(struct device *dev, size_t size, void *cpu_addr, dma_addr_t dma_handle,
		    unsigned long attrs);
void *dmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma_handle, gfp_t gfp,
		       unsigned long attrs);
void dmam_free_coherent(struct device *dev, size_t size, void *vaddr, dma_addr_t dma_handle);

#define dma_alloc_coherent(dev, size, handle, gfp)  dma_alloc_attrs(dev, size, handle, gfp, 0)
#define dma_zalloc_coherent(dev, size, handle, gfp) dma_alloc_attrs(dev, size, handle, gfp, 0)
#define dma_free_coherent(dev, size, cpu_addr, handle) \
	dma_free_attrs(dev, size, cpu_addr, handle, 0)
#define dmam_alloc_coherent(dev, size, handle, gfp) dmam_alloc_attrs(dev, size, handle, gfp, 0)

int dma_set_mask(struct device *dev, u64 mask);
int dma_set_coherent_mask(struct device *dev, u64 mask);

static inline int dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	int rc = dma_set_mask(dev, mask);

	if (rc == 0)
		dma_set_coherent_mask(dev, mask);
	return rc;
}

static inline int dma_coerce_mask_and_coherent(struct device *dev, u64 mask)
{
	dev->dma_mask = &dev->coherent_dma_mask;
	return dma_set_mask_and_coherent(dev, mask);
}

dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs);
dma_addr_t dma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				enum dma_data_direction dir, unsigned long attrs);
#define dma_map_single(dev, ptr, size, dir)    dma_map_single_attrs(dev, ptr, size, dir, 0)
#define dma_unmap_single(dev, addr, size, dir) dma_unmap_page_attrs(dev, addr, size, dir, 0)
#define dma_map_page(dev, page, offset, size, dir) \
	dma_map_page_attrs(dev, page, offset, size, dir, 0)
#define dma_unmap_page(dev, addr, size, dir)		 dma_unmap_page_attrs(dev, addr, size, dir, 0)
#define dma_sync_single_for_cpu(dev, addr, size, dir)	 ((void)(dev), (void)(addr))
#define dma_sync_single_for_device(dev, addr, size, dir) ((void)(dev), (void)(addr))

static inline int dma_mapping_error(struct device *dev, dma_addr_t dma_addr)
{
	return dma_addr == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

#endif
