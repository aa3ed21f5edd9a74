// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a request to a zone that may serve it. Follows get_page_from_freelist() and rmqueue() of mm/page_alloc.c of
 * 6.1: zones from the highest down, each above its watermark; small orders through the CPU's lists. With
 * NOFRAGMENT, a zone that would have to break into page blocks of another type is passed over the first time.
 */
#include "base.h"

/* rmqueue_buddy() */
u64 kf_zone_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags)
{
	struct kf_fallback fallback = {.happened = false};
	u64 pfn = KF_NO_PFN;

	kf_lock(&zone->lock);
	if (flags & KF_ALLOC_HIGHATOMIC)
		pfn = kf_buddy_smallest(zone, order, KF_MIGRATE_HIGHATOMIC);
	if (pfn == KF_NO_PFN)
		pfn = kf_buddy_take(zone, order, type, flags, &fallback);
	if (pfn == KF_NO_PFN && flags & (KF_ALLOC_OOM | KF_ALLOC_NON_BLOCK))
		pfn = kf_buddy_smallest(zone, order, KF_MIGRATE_HIGHATOMIC);
	if (pfn != KF_NO_PFN) {
		kf_frame_set(pfn, KF_FRAME_BLOCK);
		zone->allocs += 1ull << order;
	}
	kf_unlock(&zone->lock);
	if (fallback.happened)
		kf_trace_fallback(&fallback);
	if (pfn != KF_NO_PFN)
		kf_trace_page(KF_EVENT_PAGE_ALLOC_ZONE_LOCKED, pfn, order, 0, type);
	return pfn;
}

/* The same without blocks that somebody wrote to while they were free. */
static u64 zone_take_good(struct kf_zone *zone, unsigned order, unsigned type, u32 flags)
{
	for (;;) {
		u64 pfn = kf_zone_take(zone, order, type, flags);
		const char *reason = pfn == KF_NO_PFN ? NULL : kf_check_new_block(pfn, order);

		if (!reason)
			return pfn;
		kf_lose_block(pfn, order, reason);
	}
}

static u64 take(struct kf_zone *zone, const struct kf_alloc *alloc, u32 flags)
{
	u64 pfn = KF_NO_PFN;

	if (alloc->order <= KF_COSTLY_ORDER)
		pfn = kf_pcp_take(zone, alloc->order, alloc->type, flags);
	if (pfn == KF_NO_PFN)
		pfn = zone_take_good(zone, alloc->order, alloc->type, flags);
	if (__atomic_load_n(&zone->boosted, __ATOMIC_RELAXED)) {
		__atomic_store_n(&zone->boosted, false, __ATOMIC_RELAXED);
		kf_wake_kswapd(zone, 0, zone->id);
	}
	return pfn;
}

static bool zone_may_serve(const struct kf_zone *zone, const struct kf_alloc *alloc, u32 flags)
{
	if (!kf_peek(&zone->managed))
		return false;
	return kf_watermark_fast(zone, alloc->order,
				 kf_watermark(zone, flags & KF_ALLOC_WMARK_MASK), alloc->highest,
				 flags, alloc->gfp) ||
	       flags & KF_ALLOC_NO_WATERMARKS;
}

u64 kf_freelist(struct kf_alloc *alloc, u32 flags)
{
	for (int id = (int)alloc->highest; id >= 0; id--) {
		struct kf_zone *zone = &kf_state()->page.zone[id];
		u64 pfn;

		if (!zone_may_serve(zone, alloc, flags))
			continue;
		pfn = take(zone, alloc, flags);
		if (pfn == KF_NO_PFN)
			continue;
		if (flags & KF_ALLOC_HIGHATOMIC)
			kf_highatomic_reserve(zone, pfn);
		alloc->pfmemalloc = flags & KF_ALLOC_NO_WATERMARKS;
		return pfn;
	}
	if (flags & KF_ALLOC_NOFRAGMENT)
		return kf_freelist(alloc, flags & ~(u32)KF_ALLOC_NOFRAGMENT);
	return KF_NO_PFN;
}

struct kf_zone *kf_bulk_zone(const struct kf_alloc *alloc, unsigned n)
{
	for (int id = (int)alloc->highest; id >= 0; id--) {
		struct kf_zone *zone = &kf_state()->page.zone[id];

		if (zone->managed &&
		    kf_watermark_fast(zone, 0, kf_watermark(zone, KF_WMARK_LOW) + n, alloc->highest,
				      KF_WMARK_LOW, alloc->gfp))
			return zone;
	}
	return NULL;
}
