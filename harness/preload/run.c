// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of whole pages: a block of the buddy allocator is taken, and what is beyond the last page goes back at once,
 * as alloc_pages_exact() of mm/page_alloc.c 6.1 does, in parts as large as their place allows instead of pages.
 *
 *	5 pages of order 3   | order 2 |0|0| 1 |	kept: the parts of orders 2 and 0; back: those of orders 0 and 1
 *
 * A run is known by its head's record, which says how many pages it has; each part is a block of its own order.
 */
#include "preload.h"

static unsigned part_order(u64 pfn, u64 end)
{
	unsigned order = 63 - (unsigned)__builtin_clzll(end - pfn);
	unsigned natural = (unsigned)__builtin_ctzll(pfn);

	return order < natural ? order : natural;
}

/* Make [pfn, end), a part of one block, blocks of their own. */
static void cut(u64 pfn, u64 end)
{
	for (unsigned order; pfn < end; pfn += 1ull << order) {
		struct kf_frame *frame = &kf_here.frames[pfn];

		order = part_order(pfn, end);
		frame->order = (u8)order;
		frame->flags = 0;
		frame->kind = KF_PAGES;
		frame->frames = 0;
		__atomic_store_n(&frame->state, KF_FRAME_BLOCK, __ATOMIC_RELAXED);
		kf_pfn_to_page(pfn)->refcount = 1;
	}
}

static void give_back(u64 pfn, u64 end)
{
	for (unsigned order; pfn < end; pfn += 1ull << order) {
		order = part_order(pfn, end);
		kf_free_pages_internal(kf_pfn_to_page(pfn), order);
	}
}

void *run_alloc(size_t size, size_t align)
{
	unsigned order = kf_order_of(size > align ? size : align);
	struct page *page = kf_alloc_pages_internal(KF_GFP_KERNEL | KF_GFP_NOWARN, order);
	u64 pfn, end, frames = kf_pages_of(size);

	if (!page)
		return NULL;
	pfn = kf_page_to_pfn(page);
	end = pfn + (1ull << order);
	cut(pfn, pfn + frames);
	cut(pfn + frames, end);
	give_back(pfn + frames, end);
	kf_here.frames[pfn].frames = (u32)frames;
	return kf_page_address(page);
}

size_t run_size(const void *p)
{
	u64 pfn = kf_virt_to_phys(p) >> KF_PAGE_SHIFT;
	const struct kf_frame *frame;

	if (pfn >= kf_here.nr_frames || (uintptr_t)p & ~KF_PAGE_MASK)
		return 0;
	frame = &kf_here.frames[pfn];
	if (__atomic_load_n(&frame->state, __ATOMIC_RELAXED) != KF_FRAME_BLOCK)
		return 0;
	return (size_t)frame->frames << KF_PAGE_SHIFT;
}

void run_free(void *p)
{
	u64 pfn = kf_virt_to_phys(p) >> KF_PAGE_SHIFT;
	struct kf_frame *frame = &kf_here.frames[pfn];
	u64 end = pfn + frame->frames;

	frame->frames = 0;
	give_back(pfn, end);
}
