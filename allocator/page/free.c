// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages come back. Follows __free_pages(), free_unref_page() and free_pages_prepare() of mm/page_alloc.c of 6.1.
 *
 * A free that is not right (order, references, leftover state) is told and frees nothing, like a bad page
 * that the kernel refuses to take back.
 */
#include "base.h"

/* ---- a block goes back ----------------------------------------------------------------------- */

static void clean_page(struct page *page)
{
	page->flags &= ~KF_PAGE_FLAG_BITS;
	page->lru = (struct kf_list){NULL, NULL};
	page->mapping = NULL;
	page->private = 0;
	page->memcg_data = 0;
}

/* Checked already, refcount 0. */
void kf_pages_put_back(struct page *page, unsigned order, bool poison)
{
	const struct kf_settings *settings = &kf_state()->settings;
	u64 pfn = kf_pfn_of(page);

	kf_trace_page(KF_EVENT_PAGE_FREE, pfn, order, 0, 0);
	for (u64 i = 0; i < 1ull << order; i++)
		clean_page(page + i);
	if (kf_fence_index(pfn) != KF_NO_PFN) {
		kf_fence_put(pfn, order);
		return;
	}
	if (settings->init_on_free)
		memset(kf_frame_virt(pfn), 0, KF_PAGE_SIZE << order);
	else if (poison && settings->page_poison)
		kf_poison_put(pfn, order);
	kf_tell_bytes(kf_frame_virt(pfn), KF_PAGE_SIZE << order, KF_BYTES_NOBODYS);
	/* In quarantine: what a driver, or a cache, has held. Frames of vmalloc() stay with their addresses. */
	kf_pages_free(pfn, order,
		      settings->quarantine && (poison || kf_frame_at(pfn)->kind == KF_SLAB));
}

void kf_free_pages_internal(struct page *page, unsigned order)
{
	page->refcount = 0;
	kf_pages_put_back(page, order, false);
}

/* ---- which block is meant -------------------------------------------------------------------- */

void kf_tell_page(enum kf_bug_kind kind, struct page *page, const char *what)
{
	u64 pfn = kf_pfn_of(page);
	struct kf_object obj;
	bool known = kf_frame_object(pfn, &obj);

	kf_tell(kind, kf_frame_virt(pfn), known ? &obj : NULL, NULL, what);
}

static bool page_exists(const struct page *page)
{
	u64 base = kf_here.layout.vmemmap, at = (u64)(uintptr_t)page;

	if (at < base || (at - base) % sizeof(*page) ||
	    (at - base) / sizeof(*page) >= kf_here.nr_frames)
		return false;
	return kf_block_at(kf_pfn_of(page)) >> 4 != KF_NO_ZONE;
}

static bool was_freed(u64 pfn)
{
	const struct kf_frame *frame = kf_frame_at(pfn);

	return (frame->flags & KF_FRAME_KNOWN) && !(frame->flags & KF_FRAME_LIVE);
}

static void tell_no_head(struct page *page)
{
	u64 pfn = kf_pfn_of(page);
	u8 state = kf_frame_state(pfn);

	if (state == KF_FRAME_SLAB)
		kf_tell_page(KF_BUG_BAD_PAGE, page, "freed a page that belongs to a slab");
	else if (state == KF_FRAME_FREE || state == KF_FRAME_PCP || was_freed(pfn))
		kf_tell_page(KF_BUG_DOUBLE_FREE, page, "freed pages that are free already");
	else
		kf_tell_page(KF_BUG_BAD_PAGE, page, "freed a page that is not the head of a block");
}

bool kf_heads_block(struct page *page)
{
	if (!page_exists(page)) {
		kf_tell(KF_BUG_INVALID_FREE, page, NULL, NULL, "freed something that is no page");
		return false;
	}
	if (kf_frame_state(kf_pfn_of(page)) == KF_FRAME_BLOCK)
		return true;
	tell_no_head(page);
	return false;
}

static void release(struct page *page, unsigned order)
{
	const char *trouble = kf_check_freed_block(page, order);

	if (trouble) {
		kf_report_bad_page(page, trouble);
		kf_tell_page(KF_BUG_BAD_PAGE, page, trouble);
		return;
	}
	kf_renounce(kf_pfn_of(page));
	kf_pages_put_back(page, order, true);
}

void kf_release_page(struct page *page)
{
	if (kf_heads_block(page))
		release(page, kf_frame_at(kf_pfn_of(page))->order);
}

void kf_release_page_batched(struct page *page)
{
	kf_release_page(page);
	kf_trace_page(KF_EVENT_PAGE_FREE_BATCHED, kf_pfn_of(page), 0, 0, 0);
}

/* ---- the interface --------------------------------------------------------------------------- */

/* The head of a plain block stays referenced: its upper parts go, the head becomes a single page. */
static void free_tail_parts(struct page *page, unsigned order)
{
	u64 pfn = kf_pfn_of(page);
	struct kf_frame *frame = kf_frame_at(pfn);
	bool told = frame->flags & KF_FRAME_TOLD;

	kf_renounce(pfn);
	frame->order = 0;
	while (order--)
		kf_pages_put_back(page + (1ull << order), order, true);
	if (told)
		kf_announce(pfn, 1, KF_PAGE_SIZE, frame->gfp, KF_PAGES);
}

static bool may_free(struct page *page, unsigned order)
{
	const struct kf_frame *frame;

	if (!kf_heads_block(page))
		return false;
	frame = kf_frame_at(kf_pfn_of(page));
	if (frame->order != order)
		kf_tell_page(KF_BUG_BAD_PAGE, page, "freed with another order than allocated");
	else if (page->refcount <= 0)
		kf_tell_page(KF_BUG_BAD_PAGE, page, "freed a page without references");
	else if (page->refcount == 1 && frame->kind == KF_KMALLOC_LARGE)
		kf_tell_page(KF_BUG_WRONG_FAMILY, page, "freed kmalloc memory as pages");
	else if (page->refcount == 1 && frame->kind == KF_VMALLOC)
		kf_tell_page(KF_BUG_WRONG_FAMILY, page, "freed a frame of a virtual area as pages");
	else
		return true;
	return false;
}

void kf_free_pages(struct page *page, unsigned order)
{
	if (!may_free(page, order))
		return;
	if (!__atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL))
		release(page, order);
	else if (order && !kf_is_compound(page))
		free_tail_parts(page, order);
}
