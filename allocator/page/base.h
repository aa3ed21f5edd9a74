/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to allocator/page: from a frame to its record, its struct page, its zone and its page block, and
 * what the files of this room call of each other.
 *
 * A record's state may be read by a neighbour that looks for a buddy while its owner changes it; so both go
 * through relaxed atomics. Only FREE means anything to the neighbour, and FREE comes and goes under the zone's
 * lock, which the neighbour holds.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_BASE_H
#define KFAIL_ALLOCATOR_PAGE_BASE_H

#include "../core/state.h"

#define KF_PAGEBLOCK_PAGES (1ull << KF_PAGEBLOCK_ORDER)
#define KF_NO_ZONE	   0xf

/* PG_* bits of 6.1 all lie below this; zone, node and last CPU above. */
#define KF_PAGE_FLAG_BITS ((1ull << 26) - 1)

/* ---- a frame --------------------------------------------------------------------------------- */

static inline struct kf_frame *kf_frame_at(u64 pfn)
{
	return &kf_here.frames[pfn];
}

static inline struct page *kf_page_at(u64 pfn)
{
	return (struct page *)kf_here.layout.vmemmap + pfn;
}

static inline u64 kf_pfn_of(const struct page *page)
{
	return (u64)(page - (const struct page *)kf_here.layout.vmemmap);
}

static inline u8 kf_frame_state(u64 pfn)
{
	return __atomic_load_n(&kf_frame_at(pfn)->state, __ATOMIC_RELAXED);
}

static inline void kf_frame_set(u64 pfn, enum kf_frame_state state)
{
	__atomic_store_n(&kf_frame_at(pfn)->state, (u8)state, __ATOMIC_RELAXED);
}

/* ---- its page block and zone ----------------------------------------------------------------- */

static inline u8 kf_block_at(u64 pfn)
{
	return __atomic_load_n(&kf_state()->page.blocks[pfn >> KF_PAGEBLOCK_ORDER],
			       __ATOMIC_RELAXED);
}

static inline struct kf_zone *kf_zone_at(u64 pfn)
{
	return &kf_state()->page.zone[kf_block_at(pfn) >> 4];
}

static inline unsigned kf_block_type(u64 pfn)
{
	return kf_block_at(pfn) & 0xf;
}

static inline bool kf_is_compound(const struct page *page)
{
	return page->flags >> kf_here.layout.pg_head & 1;
}

static inline unsigned kf_gfp_type(u32 gfp)
{
	return (gfp & (KF_GFP_MOVABLE | KF_GFP_RECLAIMABLE)) >> 3;
}

/* ---- counters that others read while the lock's holder changes them -------------------------- */

static inline u64 kf_peek(const u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void kf_poke(u64 *counter, u64 value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

static inline void kf_bump(u64 *counter, u64 by)
{
	__atomic_store_n(counter, *counter + by, __ATOMIC_RELAXED);
}

/* ---- tracepoints ----------------------------------------------------------------------------- */

static inline void kf_trace_page(enum kf_event_kind kind, u64 pfn, unsigned order, u32 gfp,
				 unsigned type)
{
	struct kf_event event = {.kind = kind, .order = order, .gfp = gfp, .migratetype = type};

	if (!kf_tracing)
		return;
	event.page = pfn == KF_NO_PFN ? NULL : kf_page_at(pfn);
	kf_hooks.event(&event);
}

/* A block was had from another migrate type: for the tracepoint mm_page_alloc_extfrag. */
struct kf_fallback {
	bool happened;
	u64 pfn;
	u32 order, from_order, type, from_type;
};

static inline void kf_trace_fallback(const struct kf_fallback *f)
{
	struct kf_event event = {
		.kind = KF_EVENT_PAGE_ALLOC_EXTFRAG,
		.page = kf_page_at(f->pfn),
		.order = f->order,
		.value = f->from_order,
		.migratetype = f->type,
		.fallback_migratetype = f->from_type,
		.change_ownership = kf_block_type(f->pfn) == f->type,
	};

	if (kf_tracing)
		kf_hooks.event(&event);
}

/* ---- zone.c ---------------------------------------------------------------------------------- */

/* gfp_zone(): the highest zone that may serve the request. */
unsigned kf_gfp_zone(u32 gfp);

/* zone_watermark_fast(), __zone_watermark_ok(): may a request with these flags take 2^order pages and leave `mark`? */
bool kf_watermark_fast(const struct kf_zone *zone, unsigned order, u64 mark, unsigned highest,
		       u32 flags, u32 gfp);
bool kf_watermark_ok(const struct kf_zone *zone, unsigned order, u64 mark, unsigned highest,
		     u32 flags);

static inline u64 kf_watermark(const struct kf_zone *zone, enum kf_watermark which)
{
	return kf_peek(&zone->watermark[which]) + kf_peek(&zone->boost);
}

/* ---- buddy.c: all under the zone's lock ------------------------------------------------------ */

/* The smallest block of this type that is large enough, split; or KF_NO_PFN. */
u64 kf_buddy_smallest(struct kf_zone *zone, unsigned order, unsigned type);
/* The same, stealing from other types when this one has none. */
u64 kf_buddy_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags,
		  struct kf_fallback *fallback);
/* A free block goes back and merges with its free buddies. */
void kf_buddy_give(struct kf_zone *zone, u64 pfn, unsigned order, bool tail);
/* A certain free block. */
void kf_buddy_remove(struct kf_zone *zone, u64 pfn, unsigned order);
/* To the tail of the list of another type. */
void kf_buddy_move(struct kf_zone *zone, u64 pfn, unsigned order, unsigned type);

/* ---- pageblock.c: all under the zone's lock, but the last three, which take it --------------- */

void kf_block_set_type(u64 pfn, unsigned type);
/* A block of `type` is needed, and no list of that type has one: move one over. False: there is none. */
bool kf_steal(struct kf_zone *zone, unsigned order, unsigned type, u32 flags,
	      struct kf_fallback *fallback);
void kf_highatomic_reserve(struct kf_zone *zone, u64 pfn);
bool kf_highatomic_unreserve(unsigned highest, unsigned type, bool force);
/* Page blocks of the reserve of which nothing is in use. */
void kf_highatomic_give_up_unused(struct kf_zone *zone);

/* ---- pcp.c ----------------------------------------------------------------------------------- */

void kf_pcp_init(struct kf_zone *zone);
/* batch and high, when watermarks or size of the zone have changed. */
void kf_pcp_update(struct kf_zone *zone);
/* A block through this CPU's list, or KF_NO_PFN: none left, no CPU, or the list is in use. */
u64 kf_pcp_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags);
/* The lists of all CPUs go back to their zones. */
void kf_pcp_drain_all(void);
/* A block whose pages are clean goes to this CPU's list or to its zone; `last`: to be taken again after all that are there. */
void kf_pages_free(u64 pfn, unsigned order, bool last);

/* ---- freelist.c ------------------------------------------------------------------------------ */

/* struct alloc_context: one request on its way. */
struct kf_alloc {
	u32 gfp;
	unsigned order;
	unsigned highest; /* enum kf_zone_id */
	unsigned type;	  /* enum kf_migrate_type */
	bool pfmemalloc;  /* served from below the watermarks */
};

/* get_page_from_freelist(): the frame, its record BLOCK; or KF_NO_PFN. */
u64 kf_freelist(struct kf_alloc *alloc, u32 flags);
/* A zone under its lock, past the CPU's lists. */
u64 kf_zone_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags);
/* The first zone that has n pages above its low watermark for this request, or NULL. */
struct kf_zone *kf_bulk_zone(const struct kf_alloc *alloc, unsigned n);

/* ---- page_alloc.c: the beginning of each public request -------------------------------------- */

/* False, and told unless __GFP_NOWARN: no such order. */
bool kf_order_is_served(u32 gfp, unsigned order);
/* Ask the hooks, unless nobody wants to be asked. */
bool kf_pages_permitted(u32 gfp, unsigned order, size_t size);

/* ---- free.c ---------------------------------------------------------------------------------- */

/* Is `page` the head of an allocated block? Told when not. */
bool kf_heads_block(struct page *page);
void kf_tell_page(enum kf_bug_kind kind, struct page *page, const char *what);

/* ---- slowpath.c ------------------------------------------------------------------------------ */

u64 kf_slowpath(struct kf_alloc *alloc);
void kf_wake_kswapd(struct kf_zone *zone, unsigned order, unsigned highest);

/* ---- poison.c -------------------------------------------------------------------------------- */

void kf_poison_put(u64 pfn, unsigned order);
void kf_poison_lift(u64 pfn, unsigned order);

/* ---- record.c -------------------------------------------------------------------------------- */

void kf_record(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind, u8 flags);
void kf_announce(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind);
void kf_renounce(u64 pfn);

/* ---- report.c -------------------------------------------------------------------------------- */

/* Mem-Info: zones up to `highest` in detail. */
void kf_show_mem(unsigned highest);
void kf_report_failure(u32 gfp, unsigned order, unsigned highest);
void kf_report_bad_page(const struct page *page, const char *reason);
void kf_report_poison(u64 pfn, const u8 *bytes);

/* ---- check.c --------------------------------------------------------------------------------- */

/* Why this block may not be handed out, or taken back; NULL: it may. */
const char *kf_check_new_block(u64 pfn, unsigned order);
const char *kf_check_freed_block(const struct page *page, unsigned order);
/* Tell it and put the block aside for good. */
void kf_lose_block(u64 pfn, unsigned order, const char *reason);

#endif
