/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Zones and the buddy allocator. Follows mm/page_alloc.c of 6.1: orders 0..10, split and merge, zone
 * fallback NORMAL -> DMA32 -> DMA, compound pages, page references.
 *
 * A block allocated without __GFP_COMP has its reference count on the first page only.
 * Freed pages are filled with 0xaa and checked when they are handed out again (page poisoning);
 * pages handed out without __GFP_ZERO hold the poison, so their content is deterministic.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_ALLOC_H
#define KFAIL_ALLOCATOR_PAGE_ALLOC_H

#include "../core/hooks.h"

/* alloc_pages(): 2^order pages. NULL: order above 10, refused, or no memory. Any context if gfp says
 * so. Asks and tells the hooks as KF_PAGES. */
struct page *kf_alloc_pages(u32 gfp, unsigned order);

/* __free_pages(): drop one reference; at zero the block goes back. For a non-compound block whose
 * head is still referenced, frees the tail parts as the kernel does. */
void kf_free_pages(struct page *page, unsigned order);

/* The block's last reference is gone already (free_unref_page, __folio_put): give it back.
 * The order is the one that it was allocated with. */
void kf_release_page(struct page *page);

/* alloc_pages_bulk: fill pages[i] that are NULL; returns how many of the n slots hold a page then.
 * One request for all. */
unsigned kf_alloc_pages_bulk(u32 gfp, unsigned n, struct page **pages);

/* split_page(): make a non-compound block of this order into single pages, each referenced. */
void kf_split_page(struct page *page, unsigned order);

/* alloc_pages_exact() / free_pages_exact(): bytes; tail pages beyond `size` are freed at once. */
void *kf_alloc_pages_exact(size_t size, u32 gfp);
void kf_free_pages_exact(void *addr, size_t size);

/* For slab.c, vmalloc.c and percpu.c: the same without asking or telling the hooks of the request. Damage
 * of the freed pages that are taken is told. */
struct page *kf_alloc_pages_internal(u32 gfp, unsigned order);
void kf_free_pages_internal(struct page *page, unsigned order);

/* Statistics of a zone; counts in pages. */
struct kf_zone_stat {
	const char *name;
	u64 start_pfn, spanned, present, managed, free;
	u64 nr_free[KF_MAX_ORDER]; /* free blocks per order */
};
void kf_zone_stat(enum kf_zone_id zone, struct kf_zone_stat *out);

/* Invariants, recomputed from scratch: each free block is aligned, inside its zone, not overlapping,
 * not mergeable with its buddy, counted once. NULL when they hold, else a sentence. */
const char *kf_buddy_validate(void);

#endif
