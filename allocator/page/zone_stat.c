// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the views of /proc are made of (buddyinfo, pagetypeinfo, zoneinfo, vmstat, page_owner), as numbers. Counted
 * when asked for; nothing is kept that the allocator does not need itself. Follows mm/vmstat.c and mm/page_owner.c
 * of 6.1.
 */
#include "base.h"

static const char *const zone_names[KF_NR_ZONES] = {"DMA", "DMA32", "Normal", "HighMem", "Movable"};

static const char *const type_names[KF_NR_MIGRATE_TYPES] = {"Unmovable", "Movable", "Reclaimable",
							    "HighAtomic"};

const char *kf_migrate_type_name(enum kf_migrate_type type)
{
	return type_names[type];
}

/* ---- zones ----------------------------------------------------------------------------------- */

static u64 length_of(const struct kf_list *head)
{
	u64 n = 0;

	for (const struct kf_list *at = head->next; at != head; at = at->next)
		n++;
	return n;
}

static void count_free(struct kf_zone *zone, struct kf_zone_stat *out)
{
	kf_lock(&zone->lock);
	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		out->nr_free[order] = zone->nr_free[order];
		for (unsigned type = 0; type < KF_NR_MIGRATE_TYPES; type++)
			out->nr_free_type[type][order] = length_of(&zone->list[type][order]);
	}
	out->free = zone->free;
	out->pgalloc = zone->allocs;
	out->pgfree = zone->frees;
	kf_unlock(&zone->lock);
}

static void count_cpus(const struct kf_zone *zone, struct kf_zone_stat *out)
{
	for (unsigned cpu = 0; zone->pcp && cpu < kf_here.layout.nr_cpus; cpu++) {
		const struct kf_pcp *pcp = &zone->pcp[cpu];

		out->free_pcp += __atomic_load_n(&pcp->count, __ATOMIC_RELAXED);
		out->pgalloc += kf_peek(&pcp->allocs);
		out->pgfree += kf_peek(&pcp->frees);
	}
}

void kf_zone_stat(enum kf_zone_id id, struct kf_zone_stat *out)
{
	struct kf_zone *zone = &kf_state()->page.zone[id];

	*out = (struct kf_zone_stat){
		.name = zone_names[id],
		.start_pfn = zone->start_pfn,
		.spanned = zone->end_pfn - zone->start_pfn,
		.present = zone->end_pfn - zone->start_pfn,
		.managed = zone->managed,
		.min = zone->watermark[KF_WMARK_MIN],
		.low = zone->watermark[KF_WMARK_LOW],
		.high = zone->watermark[KF_WMARK_HIGH],
		.promo = zone->watermark[KF_WMARK_PROMO],
		.boost = kf_peek(&zone->boost),
		.reserved_highatomic = kf_peek(&zone->highatomic),
	};
	memcpy(out->protection, zone->reserve, sizeof(out->protection));
	for (u64 pfn = zone->start_pfn; pfn < zone->end_pfn; pfn += KF_PAGEBLOCK_PAGES)
		out->nr_blocks[kf_block_type(pfn)]++;
	count_free(zone, out);
	count_cpus(zone, out);
}

void kf_pageset_stat(enum kf_zone_id id, unsigned cpu, struct kf_pageset_stat *out)
{
	const struct kf_zone *zone = &kf_state()->page.zone[id];

	*out = (struct kf_pageset_stat){0, 0, 0};
	if (!zone->pcp || cpu >= kf_here.layout.nr_cpus)
		return;
	out->count = __atomic_load_n(&zone->pcp[cpu].count, __ATOMIC_RELAXED);
	out->high = zone->high;
	out->batch = zone->batch;
}

/* ---- owners ---------------------------------------------------------------------------------- */

/* Frames from pfn on that belong together: a block, a whole slab, or a frame that is in no block. */
static u64 span_of(u64 pfn)
{
	const struct kf_frame *frame = kf_frame_at(pfn);

	switch (kf_frame_state(pfn)) {
	case KF_FRAME_INNER:
	case KF_FRAME_FENCE:
		return 1;
	case KF_FRAME_SLAB:
		return 1ull << frame->slab->order;
	default:
		return 1ull << frame->order;
	}
}

void kf_zone_owners(enum kf_zone_id id, struct kf_zone_stat *out)
{
	const struct kf_zone *zone = &kf_state()->page.zone[id];
	u64 pages;

	kf_zone_stat(id, out);
	for (u64 pfn = zone->start_pfn; pfn < zone->end_pfn; pfn += pages) {
		u8 state = kf_frame_state(pfn);

		pages = state == KF_FRAME_SLAB ? 1 : span_of(pfn);
		if (state == KF_FRAME_SLAB)
			out->owned_by[KF_SLAB]++;
		else if (state == KF_FRAME_BLOCK)
			out->owned_by[kf_frame_at(pfn)->kind] += pages;
		else if (state == KF_FRAME_LOST)
			out->lost += pages;
	}
}

static void describe(u64 pfn, u64 pages, struct kf_page_owner *out)
{
	const struct kf_frame *frame = kf_frame_at(pfn);
	bool slab = kf_frame_state(pfn) == KF_FRAME_SLAB;
	unsigned type = kf_gfp_type(frame->gfp);

	*out = (struct kf_page_owner){
		.pfn = pfn,
		.order = (u32)__builtin_ctzll(pages),
		.gfp = frame->gfp,
		.type = type < KF_MIGRATE_PCPTYPES ? type : KF_MIGRATE_UNMOVABLE,
		.block_type = kf_block_type(pfn),
		.kind = slab ? KF_SLAB : frame->kind,
		.page = kf_page_at(pfn),
		.cache = slab ? frame->slab->cache : NULL,
		.seq = frame->flags & KF_FRAME_LIVE && !slab ? frame->seq : 0,
		.alloc_tag = frame->flags & KF_FRAME_LIVE && !slab ? frame->alloc_tag : 0,
	};
}

void kf_page_owner_for_each(void (*fn)(const struct kf_page_owner *owner, void *arg), void *arg)
{
	struct kf_page_owner owner;
	u64 pages;

	for (u64 pfn = 0; pfn < kf_here.nr_frames; pfn += pages) {
		u8 state = kf_frame_state(pfn);

		pages = span_of(pfn);
		if (state != KF_FRAME_BLOCK && state != KF_FRAME_SLAB)
			continue;
		describe(pfn, pages, &owner);
		fn(&owner, arg);
	}
}
