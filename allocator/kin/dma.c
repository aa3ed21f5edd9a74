// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coherent DMA memory. Follows kernel/dma/direct.c (dma_direct_optimal_gfp_mask, __dma_direct_alloc_pages) of 6.1, with
 * the checks of kernel/dma/debug.c always on: a list of all blocks, newest first, by device and bus address. The
 * record of a block is bookkeeping and no request.
 *
 * Lock: dma->lock for the list; pages are allocated and freed without it.
 */
#include "dma.h"

#include <string.h>

#include "../core/state.h"

#define DEAD_MAX 64u /* freed blocks that are remembered */

static struct kf_dma_state *dma(void)
{
	return &kf_state()->dma;
}

/* ---- pages ------------------------------------------------------------------------------------------------- */

#define ZONE_MASK (KF_GFP_DMA | KF_GFP_DMA32)

/* The zone that is surely within reach: ZONE_DMA below 16 MiB, ZONE_DMA32 below 4 GiB. */
static u32 zone_for(u64 mask)
{
	if (mask <= (1ull << 24) - 1)
		return KF_GFP_DMA;
	return mask <= 0xffffffffull ? KF_GFP_DMA32 : 0;
}

/* The next zone to try when a block lay too high; 0: there is none below. */
static u32 lower_zone(u32 gfp)
{
	if (gfp & KF_GFP_DMA)
		return 0;
	return gfp & KF_GFP_DMA32 ? KF_GFP_DMA : KF_GFP_DMA32;
}

static bool reaches(const struct page *page, size_t size, u64 mask)
{
	return (kf_page_to_pfn(page) << KF_PAGE_SHIFT) + size - 1 <= mask;
}

static struct page *pages_below(size_t size, u64 mask, u32 gfp)
{
	unsigned order = kf_order_of(size);
	u32 zone = zone_for(mask);

	gfp &= ~(u32)(ZONE_MASK | KF_GFP_HIGHMEM | KF_GFP_COMP | KF_GFP_ZERO);
	for (;;) {
		struct page *page = kf_alloc_pages(gfp | zone, order);

		if (!page || reaches(page, size, mask))
			return page;
		kf_free_pages(page, order);
		zone = lower_zone(zone);
		if (!zone)
			return NULL;
	}
}

/* ---- the list of blocks --------------------------------------------------------------------------------------- */

/* The newest block at this bus address, live or freed. */
static struct kf_dma_block *find(const void *owner, u64 handle)
{
	struct kf_dma_block *b = dma()->blocks;

	while (b && (b->owner != owner || b->handle != handle))
		b = b->next;
	return b;
}

/* Forget the oldest freed block when there are too many. */
static void forget_dead(void)
{
	struct kf_dma_block **link = &dma()->blocks, **oldest = NULL, *b;

	if (dma()->dead <= DEAD_MAX)
		return;
	for (; *link; link = &(*link)->next)
		if (!(*link)->live)
			oldest = link;
	b = *oldest;
	*oldest = b->next;
	dma()->dead--;
	kf_meta_free(b, sizeof(*b));
}

static bool remember(const void *owner, u64 handle, void *addr, size_t size)
{
	struct kf_dma_block *b = kf_meta_alloc(sizeof(*b));

	if (!b)
		return false;
	*b = (struct kf_dma_block){
		.owner = owner, .handle = handle, .addr = addr, .size = size, .live = true};
	kf_lock(&dma()->lock);
	b->next = dma()->blocks;
	dma()->blocks = b;
	kf_unlock(&dma()->lock);
	return true;
}

/* ---- interface --------------------------------------------------------------------------------------------------- */

void *kf_dma_alloc_coherent(const struct kf_dma_device *dev, size_t size, u64 *handle, u32 gfp)
{
	struct page *page;
	u64 phys;

	if (!dev->coherent_mask) {
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"dma_alloc_coherent() for a device without a coherent DMA mask");
		return NULL;
	}
	if (!size || size > KF_PAGE_SIZE << (KF_MAX_ORDER - 1))
		return NULL;
	page = pages_below(size, dev->coherent_mask, gfp);
	if (!page)
		return NULL;
	phys = kf_page_to_pfn(page) << KF_PAGE_SHIFT;
	if (!remember(dev->owner, phys, kf_phys_to_virt(phys), size)) {
		kf_free_pages(page, kf_order_of(size));
		return NULL;
	}
	memset(kf_phys_to_virt(phys), 0, kf_align_up(size, KF_PAGE_SIZE));
	*handle = phys;
	return kf_phys_to_virt(phys);
}

static void complain(const struct kf_dma_device *dev, enum kf_bug_kind kind, const void *addr,
		     const char *what, u64 handle, size_t size)
{
	kf_log(KF_LOG_WARNING, "DMA-API: %s %s: %s [device address=0x%016llx] [size=%zu bytes]",
	       dev->driver ? dev->driver : "NULL", dev->name ? dev->name : "NULL", what,
	       (unsigned long long)handle, size);
	kf_tell(kind, addr, NULL, NULL, what);
}

/* What is wrong with this free, and which kind of bug it is; NULL: nothing, and the block is freed now. */
static const char *end_block(const struct kf_dma_device *dev, size_t size, const void *addr,
			     u64 handle, enum kf_bug_kind *kind)
{
	struct kf_dma_block *b = find(dev->owner, handle);

	*kind = KF_BUG_INVALID_FREE;
	if (!b)
		return "device driver tries to free DMA memory it has not allocated";
	if (!b->live) {
		*kind = KF_BUG_DOUBLE_FREE;
		return "device driver tries to free DMA memory it has not allocated";
	}
	if (b->size != size)
		return "device driver frees DMA memory with different size";
	if (b->addr != addr)
		return "device driver frees DMA memory with different CPU address";
	b->live = false;
	dma()->dead++;
	forget_dead();
	return NULL;
}

void kf_dma_free_coherent(const struct kf_dma_device *dev, size_t size, void *addr, u64 handle)
{
	enum kf_bug_kind kind;
	const char *wrong;

	if (!addr)
		return;
	kf_lock(&dma()->lock);
	wrong = end_block(dev, size, addr, handle, &kind);
	kf_unlock(&dma()->lock);
	if (wrong)
		complain(dev, kind, addr, wrong, handle, size);
	else
		kf_free_pages(kf_virt_to_page(addr), kf_order_of(size));
}

unsigned kf_dma_released(const struct kf_dma_device *dev)
{
	const struct kf_dma_block *last = NULL;
	unsigned count = 0;
	u64 handle = 0;
	size_t size = 0;

	kf_lock(&dma()->lock);
	for (const struct kf_dma_block *b = dma()->blocks; b; b = b->next)
		if (b->live && b->owner == dev->owner) {
			last = last ? last : b;
			count++;
		}
	if (last) {
		handle = last->handle;
		size = last->size;
	}
	kf_unlock(&dma()->lock);
	if (!count)
		return 0;
	kf_log(KF_LOG_WARNING,
	       "DMA-API: %s %s: device driver has pending DMA allocations while released from "
	       "device [count=%u]",
	       dev->driver ? dev->driver : "NULL", dev->name ? dev->name : "NULL", count);
	kf_log(KF_LOG_WARNING,
	       "One of leaked entries details: [device address=0x%016llx] [size=%zu bytes] "
	       "[mapped with DMA_BIDIRECTIONAL] [mapped as coherent]",
	       (unsigned long long)handle, size);
	kf_tell(KF_BUG_POOL_BUSY, NULL, NULL, NULL,
		"device driver has pending DMA allocations while released from device");
	return count;
}
