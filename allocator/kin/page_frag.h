/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fragments of pages: small pieces cut off a block of pages, each holding a reference of it. Follows
 * page_frag_alloc_align() and kin in mm/page_alloc.c of 6.1, and skb_page_frag_refill() in net/core/sock.c. The pages
 * are requests of the page allocator, as in the kernel: one for 32 KiB and, when that is refused, one for a page.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_FRAG_H
#define KFAIL_ALLOCATOR_PAGE_FRAG_H

#include "../core/types.h"

#define KF_PAGE_FRAG_CACHE_MAX_SIZE  32768u /* PAGE_FRAG_CACHE_MAX_SIZE */
#define KF_PAGE_FRAG_CACHE_MAX_ORDER 3u

/* struct page_frag_cache; zeroed is empty. One user at a time. */
struct kf_page_frag_cache {
	void *va;	  /* the block; NULL: none */
	u16 offset, size; /* carved downwards from size; 32 KiB or a page */
	u32 pagecnt_bias; /* references of the block that are not handed out yet */
	bool pfmemalloc;
};

/* struct page_frag, for skb_page_frag_refill(). */
struct kf_page_frag {
	struct page *page;
	u32 offset, size;
};

/*
 * page_frag_alloc_align(): `size` bytes at a multiple of ~align_mask + 1 (mask ~0: any). NULL: no page, or
 * more than a page was wanted and only a single one was to be had. Any context if gfp says so.
 */
void *kf_page_frag_alloc_align(struct kf_page_frag_cache *cache, u32 size, u32 gfp, u32 align_mask);

/* page_frag_free(): drop the reference of the fragment's block; the last one frees it. Any context. */
void kf_page_frag_free(void *addr);

/* __page_frag_cache_drain(): drop `count` references of a block at once. */
void kf_page_frag_cache_drain(struct page *page, unsigned count);

/* What a driver does at the end (page_frag_cache_drain() of later kernels): drop what the cache itself holds. */
void kf_page_frag_cache_empty(struct kf_page_frag_cache *cache);

/* skb_page_frag_refill(): make sure that frag has room for `size` bytes; false: no page. */
bool kf_page_frag_refill(struct kf_page_frag *frag, u32 size, u32 gfp);

#endif
