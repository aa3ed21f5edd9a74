/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator. Follows mm/page_alloc.c of 6.1: zones and watermarks, migrate types, lists per CPU,
 * orders 0..10, compound pages, page references, reclaim when memory is short.
 *
 * A block allocated without __GFP_COMP has its reference count on the first page only.
 * Freed pages are filled with 0xaa and checked when they are handed out again (page poisoning);
 * pages handed out without __GFP_ZERO hold the poison, so their content is deterministic.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_ALLOC_H
#define KFAIL_ALLOCATOR_PAGE_ALLOC_H

#include "../core/hooks.h"

/* ---- allocation ------------------------------------------------------------------------------ */

/* alloc_pages(): 2^order pages. NULL: order above 10, refused, or no memory. Any context if gfp says
 * so. Asks and tells the hooks as KF_PAGES. */
struct page *kf_alloc_pages(u32 gfp, unsigned order);

/* __free_pages(): drop one reference; at zero the block goes back. For a non-compound block whose
 * head is still referenced, frees the tail parts as the kernel does. */
void kf_free_pages(struct page *page, unsigned order);

/* The block's last reference is gone already (free_unref_page, __folio_put): give it back.
 * The order is the one that it was allocated with. */
void kf_release_page(struct page *page);
/* The same for one page of a list (free_unref_page_list()), which has a tracepoint of its own. */
void kf_release_page_batched(struct page *page);

/* __alloc_pages_bulk() with an array: fill pages[i] that are NULL; returns how many of the n slots hold a page
 * then. One request for all. Memory short of the low watermark: one page at most. */
unsigned kf_alloc_pages_bulk(u32 gfp, unsigned n, struct page **pages);

/* The same with a list: n pages onto `list` by page->lru, each at its head; returns how many. */
unsigned kf_alloc_pages_bulk_list(u32 gfp, unsigned n, struct kf_list *list);

/* split_page(): make a non-compound block of this order into single pages, each referenced. */
void kf_split_page(struct page *page, unsigned order);

/* alloc_pages_exact() / free_pages_exact(): bytes; tail pages beyond `size` are freed at once. */
void *kf_alloc_pages_exact(size_t size, u32 gfp);
void kf_free_pages_exact(void *addr, size_t size);

/* drain_all_pages(), drain_local_pages(): give the lists of every CPU, or of this one, back to the zones. After the
 * former, page blocks of the highatomic reserve of which nothing is in use are ordinary ones again, so that memory
 * of which nothing is in use has the shape of the beginning. Any context. */
void kf_drain_all_pages(void);
/* Give the lists of this CPU a batch of unmovable blocks of each order where they have none: before a state is
 * snapshot from which many short runs start, so that not each of them goes to the zones first. */
void kf_warm_pages(void);
void kf_drain_local_pages(void);

/* gfp_allowed_mask: bits that requests may use at all; those outside are taken away. All bits at first.
 * The setter returns the mask so far (pm_restrict_gfp_mask() takes __GFP_IO and __GFP_FS away). */
u32 kf_gfp_allowed_mask(void);
u32 kf_set_gfp_allowed_mask(u32 mask);

/* gfp_pfmemalloc_allowed(): may this request of this task ignore the watermarks? */
bool kf_gfp_pfmemalloc_allowed(u32 gfp);

/* For slab.c, vmalloc.c and percpu.c: the same without asking or telling the hooks of the request. Damage
 * of the freed pages that are taken is told. */
struct page *kf_alloc_pages_internal(u32 gfp, unsigned order);
void kf_free_pages_internal(struct page *page, unsigned order);

/* ---- statistics ------------------------------------------------------------------------------ */

/* Statistics of a zone; counts in pages where nothing else is said. An empty zone has spanned 0. */
struct kf_zone_stat {
	const char *name; /* "DMA" "DMA32" "Normal" "HighMem" "Movable" */
	u64 start_pfn, spanned, present, managed;
	u64 free;		   /* in the zone's own lists: nr_free_pages */
	u64 free_pcp;		   /* in the lists of all CPUs */
	u64 nr_free[KF_MAX_ORDER]; /* free blocks per order */
	u64 nr_free_type[KF_NR_MIGRATE_TYPES][KF_MAX_ORDER];
	u64 nr_blocks[KF_NR_MIGRATE_TYPES]; /* page blocks per migrate type */
	u64 min, low, high, promo;	    /* watermarks, without boost */
	u64 boost;
	u64 protection[KF_NR_ZONES]; /* lowmem_reserve by enum kf_zone_id */
	u64 reserved_highatomic;
	u64 pgalloc, pgfree; /* pages allocated and freed since the world began */
	u64 lost;	     /* pages that were found bad and are never used again */
	u64 owned_by
		[KF_NR_KINDS]; /* pages in the hands of each kind: KF_PAGES, KF_SLAB, ...; only from
				    * kf_zone_owners() */
};
void kf_zone_stat(enum kf_zone_id zone, struct kf_zone_stat *out);
/* The same and owned_by[], which walks all frames of the zone. */
void kf_zone_owners(enum kf_zone_id zone, struct kf_zone_stat *out);

/* "Unmovable" "Movable" "Reclaimable" "HighAtomic". */
const char *kf_migrate_type_name(enum kf_migrate_type type);

/* The lists of one CPU in one zone; zeros for a CPU or zone that is not there. */
struct kf_pageset_stat {
	u32 count, high, batch;
};
void kf_pageset_stat(enum kf_zone_id zone, unsigned cpu, struct kf_pageset_stat *out);

/* vm.min_free_kbytes in force. */
u32 kf_min_free_kbytes(void);

/* Who owns a block of pages (page_owner): one call per allocated block, in the order of frames. */
struct kf_page_owner {
	u64 pfn;
	u32 order, gfp;
	enum kf_migrate_type type, block_type; /* asked for; of the page block now */
	enum kf_kind kind;
	const struct page *page;
	const struct kf_cache *cache; /* KF_SLAB */
	u64 seq;		      /* 0: an allocator's own, the hooks were not told */
	u32 alloc_tag;
};
void kf_page_owner_for_each(void (*fn)(const struct kf_page_owner *owner, void *arg), void *arg);

/* ---- kswapd ---------------------------------------------------------------------------------- */

/* What kswapd was woken for: pgdat->kswapd_order and kswapd_highest_zoneidx. */
struct kf_kswapd {
	u32 order, highest;
};

/*
 * The work of kswapd, balance_pgdat() of mm/vmscan.c, for who answered true in the hook `kswapd`. It begins with what was
 * asked for since the last time; then shrinkers run, priority after priority from 12 to 1, until a zone up to
 * `highest` is above its high watermark; at the end no watermark is boosted any more. Any context in which the shrinkers
 * may run; traced as mm_vmscan_kswapd_wake.
 */
void kf_kswapd_begin(struct kf_kswapd *out);
bool kf_kswapd_balanced(const struct kf_kswapd *work);
void kf_kswapd_end(const struct kf_kswapd *work);

/* ---- invariants ------------------------------------------------------------------------------ */

/* Recomputed from scratch: each free block is aligned, inside its zone, not overlapping, not mergeable with
 * its buddy, counted once; every page is in a zone's list, in a CPU's list, or owned, exactly once. NULL when
 * they hold, else a sentence. No other thread may use the allocators meanwhile. */
const char *kf_buddy_validate(void);

#endif
