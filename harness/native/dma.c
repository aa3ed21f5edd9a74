// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA memory and pools by the kernel's names (kernel/dma/mapping.c, mm/dmapool.c of 6.1), and streaming mappings, which
 * are arithmetic here: the device sees physical addresses. The sysfs file `pools` is not there.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/dmapool.h"

static struct kf_dma_device device_of(struct device *dev)
{
	return (struct kf_dma_device){
		.owner = dev,
		.coherent_mask = dev->coherent_dma_mask,
		.driver = dev->class ? dev->class->name : "",
		.name = dev_name(dev),
	};
}

/* ---- masks ------------------------------------------------------------------------------------------------------ */

NATIVE_API int dma_set_mask(struct device *dev, u64 mask)
{
	native_enter();
	if (!dev->dma_mask || mask < DMA_BIT_MASK(24))
		return -EIO;
	*dev->dma_mask = mask;
	return 0;
}

NATIVE_API int dma_set_coherent_mask(struct device *dev, u64 mask)
{
	native_enter();
	if (mask < DMA_BIT_MASK(24))
		return -EIO;
	dev->coherent_dma_mask = mask;
	return 0;
}

/* ---- coherent memory -------------------------------------------------------------------------------------------- */

NATIVE_API void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma_handle,
				 gfp_t flag, unsigned long attrs)
{
	struct kf_dma_device device = device_of(dev);
	kf_u64 handle;
	void *p;

	native_enter();
	if (attrs & DMA_ATTR_NO_WARN)
		flag |= __GFP_NOWARN;
	p = kf_dma_alloc_coherent(&device, size, &handle, flag);
	if (p)
		*dma_handle = handle;
	return p;
}

NATIVE_API void dma_free_attrs(struct device *dev, size_t size, void *cpu_addr,
			       dma_addr_t dma_handle, unsigned long attrs)
{
	struct kf_dma_device device = device_of(dev);

	native_enter();
	if (irqs_disabled()) /* before the test for NULL, as in the kernel */
		judge_warning("dma_free_coherent() with interrupts disabled");
	kf_dma_free_coherent(&device, size, cpu_addr, dma_handle);
}

/* ---- streaming mappings ------------------------------------------------------------------------------------------ */

NATIVE_API dma_addr_t dma_map_single_attrs(struct device *dev, void *ptr, size_t size,
					   enum dma_data_direction dir, unsigned long attrs)
{
	native_enter();
	if (is_vmalloc_addr(ptr)) {
		judge_warning("DMA-API: device driver maps memory from vmalloc area");
		return DMA_MAPPING_ERROR;
	}
	if (!virt_addr_valid(ptr)) {
		judge_warning("DMA-API: device driver maps memory from stack or of the module");
		return DMA_MAPPING_ERROR;
	}
	return virt_to_phys(ptr);
}

NATIVE_API dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset,
					 size_t size, enum dma_data_direction dir,
					 unsigned long attrs)
{
	native_enter();
	return page_to_phys(page) + offset;
}

NATIVE_API void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
				     enum dma_data_direction dir, unsigned long attrs)
{
	native_enter();
	if (addr == DMA_MAPPING_ERROR)
		judge_warning("DMA-API: device driver unmaps what it could not map");
}

/* ---- pools ------------------------------------------------------------------------------------------------------ */

static struct kf_dma_pool *inner(struct dma_pool *pool)
{
	return (struct kf_dma_pool *)pool;
}

NATIVE_API struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size,
					    size_t align, size_t allocation)
{
	struct kf_dma_device device = device_of(dev);
	struct kf_dma_pool *pool;

	native_may_sleep("dma_pool_create");
	pool = kf_dma_pool_create(name, &device, size, align, allocation);
	return (struct dma_pool *)pool;
}

NATIVE_API void dma_pool_destroy(struct dma_pool *pool)
{
	native_may_sleep("dma_pool_destroy");
	kf_dma_pool_destroy(inner(pool));
}

NATIVE_API void *dma_pool_alloc(struct dma_pool *pool, gfp_t mem_flags, dma_addr_t *handle)
{
	kf_u64 bus;
	void *p;

	native_enter();
	p = kf_dma_pool_alloc(inner(pool), mem_flags, &bus);
	if (p)
		*handle = bus;
	return p;
}

NATIVE_API void *dma_pool_zalloc(struct dma_pool *pool, gfp_t mem_flags, dma_addr_t *handle)
{
	kf_u64 bus;
	void *p;

	native_enter();
	p = kf_dma_pool_alloc(inner(pool), mem_flags | __GFP_ZERO, &bus);
	if (p)
		*handle = bus;
	return p;
}

NATIVE_API void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t addr)
{
	native_enter();
	kf_dma_pool_free(inner(pool), vaddr, addr);
}

/* ---- managed by the device --------------------------------------------------------------------------------------- */

struct dma_devres {
	size_t size;
	void *vaddr;
	dma_addr_t handle;
};

static void dmam_release(struct device *dev, void *res)
{
	struct dma_devres *this = res;

	dma_free_attrs(dev, this->size, this->vaddr, this->handle, 0);
}

static int dmam_match(struct device *dev, void *res, void *match_data)
{
	struct dma_devres *this = res, *match = match_data;

	return this->vaddr == match->vaddr;
}

NATIVE_API void *dmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma_handle,
				  gfp_t gfp, unsigned long attrs)
{
	struct dma_devres *dr = devres_alloc(dmam_release, sizeof(*dr), gfp);

	if (!dr)
		return NULL;
	dr->vaddr = dma_alloc_attrs(dev, size, dma_handle, gfp, attrs);
	if (!dr->vaddr) {
		devres_free(dr);
		return NULL;
	}
	dr->size = size;
	dr->handle = *dma_handle;
	devres_add(dev, dr);
	return dr->vaddr;
}

NATIVE_API void dmam_free_coherent(struct device *dev, size_t size, void *vaddr,
				   dma_addr_t dma_handle)
{
	struct dma_devres match = {.size = size, .vaddr = vaddr, .handle = dma_handle};

	dma_free_attrs(dev, size, vaddr, dma_handle, 0);
	if (devres_destroy(dev, dmam_release, dmam_match, &match))
		judge_warning("dmam_free_coherent() of memory that the device does not manage");
}

static void dmam_pool_release(struct device *dev, void *res)
{
	dma_pool_destroy(*(struct dma_pool **)res);
}

static int dmam_pool_match(struct device *dev, void *res, void *match_data)
{
	return *(struct dma_pool **)res == match_data;
}

NATIVE_API struct dma_pool *dmam_pool_create(const char *name, struct device *dev, size_t size,
					     size_t align, size_t allocation)
{
	struct dma_pool **ptr = devres_alloc(dmam_pool_release, sizeof(*ptr), GFP_KERNEL), *pool;

	if (!ptr)
		return NULL;
	pool = *ptr = dma_pool_create(name, dev, size, align, allocation);
	if (pool)
		devres_add(dev, ptr);
	else
		devres_free(ptr);
	return pool;
}

NATIVE_API void dmam_pool_destroy(struct dma_pool *pool)
{
	struct device *dev = (struct device *)inner(pool)->dev.owner;

	if (devres_release(dev, dmam_pool_release, dmam_pool_match, pool))
		judge_warning("dmam_pool_destroy() of a pool that the device does not manage");
}
