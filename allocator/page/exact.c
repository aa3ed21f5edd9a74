// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks that are taken apart: split_page(), alloc_pages_exact(), free_pages_exact() of mm/page_alloc.c of 6.1.
 *
 *	exact, 5 pages	|#|#|#|#|#|.|.|.|	order 3 is taken, its last three pages go back at once
 *
 * For the hooks a split block dies and its pages are born, and an exact block is one object, which its head's record
 * describes; the records of its other pages say that they are part of one.
 */
#include "base.h"

/* Cut a plain block into single pages; records of the parts are left to the caller. */
static void cut_block(struct page *page, unsigned order)
{
	u64 pfn = kf_pfn_of(page);

	for (u64 i = 0; i < 1ull << order; i++) {
		kf_frame_at(pfn + i)->order = 0;
		kf_frame_at(pfn + i)->kind = KF_PAGES;
		kf_frame_at(pfn + i)->flags = 0;
		kf_frame_set(pfn + i, KF_FRAME_BLOCK);
		page[i].refcount = 1;
	}
}

void kf_split_page(struct page *page, unsigned order)
{
	u64 pfn = kf_pfn_of(page);
	u32 gfp = kf_frame_at(pfn)->gfp;

	if (kf_is_compound(page) || page->compound_head & 1 || page->refcount != 1 ||
	    kf_frame_at(pfn)->order != order) {
		kf_tell_page(KF_BUG_BAD_PAGE, page,
			     "split_page of something else than a plain block");
		return;
	}
	if (!order)
		return;
	kf_renounce(pfn);
	cut_block(page, order);
	for (u64 i = 0; i < 1ull << order; i++) {
		kf_frame_at(pfn + i)->gfp = gfp;
		kf_announce(pfn + i, 1, KF_PAGE_SIZE, gfp, KF_PAGES);
	}
}

void *kf_alloc_pages_exact(size_t size, u32 gfp)
{
	unsigned order = size ? kf_order_of(size) : 52; /* get_order(0) */
	u64 frames = kf_pages_of(size), pfn;
	struct page *page;

	if (gfp & (KF_GFP_COMP | KF_GFP_HIGHMEM))
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"alloc_pages_exact with a compound or high page");
	gfp &= ~(u32)(KF_GFP_COMP | KF_GFP_HIGHMEM);
	if (!kf_order_is_served(gfp, order))
		return NULL;
	gfp &= kf_state()->page.gfp_allowed_mask;
	if (!kf_pages_permitted(gfp, order, size))
		return NULL;
	page = kf_pages_take(gfp, order, KF_PAGES);
	if (!page)
		return NULL;
	pfn = kf_pfn_of(page);
	cut_block(page, order);
	for (u64 i = frames; i < 1ull << order; i++)
		kf_free_pages_internal(page + i, 0);
	for (u64 i = 1; i < frames; i++)
		kf_record(pfn + i, 1, 0, gfp, KF_PAGES, KF_FRAME_LIVE | KF_FRAME_KNOWN);
	kf_frame_at(pfn)->frames = (u32)frames;
	kf_announce(pfn, frames, size, gfp, KF_PAGES);
	return kf_page_address(page);
}

void kf_free_pages_exact(void *addr, size_t size)
{
	u64 frames = kf_pages_of(size);
	struct page *page;

	if (!kf_virt_addr_valid(addr) || (uintptr_t)addr & ~KF_PAGE_MASK) {
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL, "free_pages_exact of no page");
		return;
	}
	page = kf_virt_to_page(addr);
	if (!kf_heads_block(page))
		return;
	if (kf_frame_at(kf_pfn_of(page))->frames != frames) {
		kf_tell_page(KF_BUG_BAD_PAGE, page, "free_pages_exact with another size");
		return;
	}
	for (u64 i = 0; i < frames; i++)
		kf_free_pages(page + i, 0);
}
