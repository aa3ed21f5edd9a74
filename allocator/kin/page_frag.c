// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments of pages. Follows mm/page_alloc.c (__page_frag_cache_refill, page_frag_alloc_align,
 * __page_frag_cache_drain, page_frag_free) of 6.1.
 *
 *	block   |...............[ c ][ b ][ a ]|     offset moves down; each fragment holds a reference
 *	references = fragments that live + pagecnt_bias, the cache's own
 *
 * A new block gets very many references at once, so that handing one out is only a decrement of pagecnt_bias. When
 * the block is used up and nobody else holds a reference, it is used again from its end.
 */
#include "page_frag.h"

#include <string.h>

#include "../core/state.h"

static unsigned order_of(const struct page *page)
{
	return page->flags & 1ull << kf_layout()->pg_head ? page[1].compound_order : 0;
}

static struct page *head_of(void *addr)
{
	struct page *page = kf_virt_to_page(addr);

	return page->compound_head & 1 ? (struct page *)(page->compound_head - 1) : page;
}

static void add_references(struct page *page, s32 n)
{
	__atomic_add_fetch(&page->refcount, n, __ATOMIC_RELAXED);
}

void kf_page_frag_cache_drain(struct page *page, unsigned count)
{
	if (page->refcount < (s32)count) {
		kf_tell(KF_BUG_BAD_PAGE, kf_page_address(page), NULL, NULL,
			"page_frag: more references are dropped than the page has");
		return;
	}
	add_references(page, 1 - (s32)count);
	kf_free_pages(page, order_of(page));
}

static struct page *refill(struct kf_page_frag_cache *nc, u32 gfp)
{
	u32 large = (gfp & ~(u32)KF_GFP_DIRECT_RECLAIM) | KF_GFP_COMP | KF_GFP_NOWARN |
		    KF_GFP_NORETRY | KF_GFP_NOMEMALLOC;
	struct page *page = kf_alloc_pages(large, KF_PAGE_FRAG_CACHE_MAX_ORDER);

	nc->size = page ? KF_PAGE_FRAG_CACHE_MAX_SIZE : KF_PAGE_SIZE;
	if (!page)
		page = kf_alloc_pages(gfp, 0);
	nc->va = page ? kf_page_address(page) : NULL;
	return page;
}

/* The block is nobody's yet, piece by piece from its end. */
static void start_fragments(struct kf_page_frag_cache *nc)
{
	nc->offset = nc->size;
	kf_tell_bytes(nc->va, nc->size, KF_BYTES_NOBODYS);
}

static bool start_block(struct kf_page_frag_cache *nc, u32 gfp)
{
	struct page *page = refill(nc, gfp);

	if (!page)
		return false;
	add_references(page, (s32)KF_PAGE_FRAG_CACHE_MAX_SIZE);
	nc->pagecnt_bias = KF_PAGE_FRAG_CACHE_MAX_SIZE + 1;
	start_fragments(nc);
	return true;
}

/* The block is used up: take it again if all its fragments are back, else leave it to them. */
static bool next_block(struct kf_page_frag_cache *nc, u32 gfp)
{
	struct page *page = kf_virt_to_page(nc->va);

	if (__atomic_sub_fetch(&page->refcount, (s32)nc->pagecnt_bias, __ATOMIC_ACQ_REL)) {
		nc->va = NULL;
		return start_block(nc, gfp);
	}
	page->refcount = (s32)KF_PAGE_FRAG_CACHE_MAX_SIZE + 1;
	nc->pagecnt_bias = KF_PAGE_FRAG_CACHE_MAX_SIZE + 1;
	start_fragments(nc);
	return true;
}

void *kf_page_frag_alloc_align(struct kf_page_frag_cache *nc, u32 size, u32 gfp, u32 align_mask)
{
	if (!nc->va && !start_block(nc, gfp))
		return NULL;
	if (nc->offset < size) {
		if (!next_block(nc, gfp))
			return NULL;
		if (nc->offset < size)
			return NULL; /* only a page was to be had */
	}
	nc->pagecnt_bias--;
	nc->offset = (u16)((nc->offset - size) & align_mask);
	kf_tell_bytes((char *)nc->va + nc->offset, size, KF_BYTES_NEW);
	return (char *)nc->va + nc->offset;
}

void kf_page_frag_free(void *addr)
{
	struct page *page;

	if (!kf_virt_addr_valid(addr)) {
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL, "page_frag_free() of no page");
		return;
	}
	page = head_of(addr);
	kf_free_pages(page, order_of(page));
}

void kf_page_frag_cache_empty(struct kf_page_frag_cache *nc)
{
	if (nc->va)
		kf_page_frag_cache_drain(kf_virt_to_page(nc->va), nc->pagecnt_bias);
	memset(nc, 0, sizeof(*nc));
}

bool kf_page_frag_refill(struct kf_page_frag *frag, u32 size, u32 gfp)
{
	u32 large =
		(gfp & ~(u32)KF_GFP_DIRECT_RECLAIM) | KF_GFP_COMP | KF_GFP_NOWARN | KF_GFP_NORETRY;

	if (frag->page) {
		if (frag->page->refcount == 1)
			frag->offset = 0;
		if (frag->offset + size <= frag->size || !frag->offset)
			return true;
		kf_free_pages(frag->page, order_of(frag->page));
	}
	frag->offset = 0;
	frag->size = KF_PAGE_SIZE << KF_PAGE_FRAG_CACHE_MAX_ORDER;
	frag->page = kf_alloc_pages(large, KF_PAGE_FRAG_CACHE_MAX_ORDER);
	if (frag->page)
		return true;
	frag->size = KF_PAGE_SIZE;
	frag->page = kf_alloc_pages(gfp, 0);
	return frag->page;
}
