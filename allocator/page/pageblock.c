// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migrate types: each page block of 512 frames has one, and blocks of free pages are listed by it, so that what
 * cannot move does not scatter. Follows __rmqueue_fallback(), steal_suitable_fallback(), boost_watermark() and
 * the highatomic reserve of mm/page_alloc.c of 6.1.
 *
 * At first every page block is Movable. A request whose type has nothing takes the largest block of another
 * type; a large one, or any one if the request is not movable, takes what is free in the page block along, and
 * the page block changes its type when at least half of it is free or alike. Types are not changed back when
 * memory is freed: the same free blocks are there, on lists of other types.
 *
 * HighAtomic: after a request of order > 0 from the atomic reserves has been served, its page block is kept for
 * others like it: about 1 % of a zone and one page block more, given up under pressure.
 */
#include "base.h"

#define BOOST_FACTOR 15000 /* watermark_boost_factor: percent of the high watermark, times 100 */

static const u8 fallbacks[KF_MIGRATE_PCPTYPES][2] = {
	[KF_MIGRATE_UNMOVABLE] = {KF_MIGRATE_RECLAIMABLE, KF_MIGRATE_MOVABLE},
	[KF_MIGRATE_MOVABLE] = {KF_MIGRATE_RECLAIMABLE, KF_MIGRATE_UNMOVABLE},
	[KF_MIGRATE_RECLAIMABLE] = {KF_MIGRATE_UNMOVABLE, KF_MIGRATE_MOVABLE},
};

/* ---- one page block -------------------------------------------------------------------------- */

void kf_block_set_type(u64 pfn, unsigned type)
{
	u8 *block = &kf_state()->page.blocks[pfn >> KF_PAGEBLOCK_ORDER];

	__atomic_store_n(block, (u8)((*block & 0xf0) | type), __ATOMIC_RELAXED);
}

/* Free pages that were moved to the lists of `type`, and movable pages that are in use. */
struct moved {
	u64 free, movable;
};

static u64 move_one(struct kf_zone *zone, u64 pfn, unsigned type, struct moved *moved)
{
	const struct kf_frame *frame = kf_frame_at(pfn);
	u64 pages = 1;

	switch (kf_frame_state(pfn)) {
	case KF_FRAME_FREE:
		pages = 1ull << frame->order;
		kf_buddy_move(zone, pfn, frame->order, type);
		moved->free += pages;
		break;
	case KF_FRAME_BLOCK:
		if (frame->gfp & KF_GFP_MOVABLE)
			moved->movable += 1ull << frame->order;
		break;
	default:
		break;
	}
	return pages;
}

/* move_freepages_block(): nothing when the block reaches beyond the zone. */
static struct moved move_block(struct kf_zone *zone, u64 pfn, unsigned type)
{
	u64 start = pfn & ~(KF_PAGEBLOCK_PAGES - 1), end = start + KF_PAGEBLOCK_PAGES;
	struct moved moved = {0, 0};

	if (start < zone->start_pfn || end > zone->end_pfn)
		return moved;
	while (start < end)
		start += move_one(zone, start, type, &moved);
	return moved;
}

/* ---- stealing -------------------------------------------------------------------------------- */

static void boost_watermark(struct kf_zone *zone, u32 flags)
{
	u64 most = zone->watermark[KF_WMARK_HIGH] * BOOST_FACTOR / 10000, boost;

	if (KF_PAGEBLOCK_PAGES * 4 > zone->managed || !most)
		return;
	most = most < KF_PAGEBLOCK_PAGES ? KF_PAGEBLOCK_PAGES : most;
	boost = zone->boost + KF_PAGEBLOCK_PAGES;
	__atomic_store_n(&zone->boost, boost < most ? boost : most, __ATOMIC_RELAXED);
	if (flags & KF_ALLOC_KSWAPD)
		__atomic_store_n(&zone->boosted, true, __ATOMIC_RELAXED);
}

/* May a request of this type take more of the page block than the one free block of this order? */
static bool takes_all(unsigned order, unsigned type)
{
	return order >= KF_PAGEBLOCK_ORDER / 2 || type != KF_MIGRATE_MOVABLE;
}

/* steal_suitable_fallback(): the free block goes to the lists of `type`, and maybe more of its page block. */
static void steal_block(struct kf_zone *zone, u64 pfn, unsigned order, unsigned type, u32 flags)
{
	unsigned old = kf_block_type(pfn);
	struct moved moved = {0, 0};
	u64 alike;

	if (order >= KF_PAGEBLOCK_ORDER) {
		for (u64 at = pfn; at < pfn + (1ull << order); at += KF_PAGEBLOCK_PAGES)
			kf_block_set_type(at, type);
	} else if (old != KF_MIGRATE_HIGHATOMIC) {
		boost_watermark(zone, flags);
		if (takes_all(order, type))
			moved = move_block(zone, pfn, type);
	}
	if (!moved.free) {
		kf_buddy_move(zone, pfn, order, type);
		return;
	}
	alike = type == KF_MIGRATE_MOVABLE ? moved.movable : 0;
	if (type != KF_MIGRATE_MOVABLE && old == KF_MIGRATE_MOVABLE)
		alike = KF_PAGEBLOCK_PAGES - moved.free - moved.movable;
	if (moved.free + alike >= KF_PAGEBLOCK_PAGES / 2)
		kf_block_set_type(pfn, type);
}

/* The type to take a block of exactly this order from, or KF_NR_MIGRATE_TYPES. */
static unsigned fallback_type(const struct kf_zone *zone, unsigned order, unsigned type)
{
	for (unsigned i = 0; i < 2; i++)
		if (zone->nonempty[fallbacks[type][i]] >> order & 1)
			return fallbacks[type][i];
	return KF_NR_MIGRATE_TYPES;
}

/* The order to steal: the largest there is; but the smallest when only that one block may be had. */
static unsigned fallback_order(const struct kf_zone *zone, unsigned least, unsigned order,
			       unsigned type)
{
	unsigned have = KF_MAX_ORDER;

	while (have-- > least)
		if (fallback_type(zone, have, type) != KF_NR_MIGRATE_TYPES)
			break;
	if (have + 1 == least)
		return KF_MAX_ORDER;
	if (takes_all(have, type) || have == order)
		return have;
	for (have = order; fallback_type(zone, have, type) == KF_NR_MIGRATE_TYPES;)
		have++;
	return have;
}

bool kf_steal(struct kf_zone *zone, unsigned order, unsigned type, u32 flags,
	      struct kf_fallback *fallback)
{
	unsigned least = order, have, from;
	u64 pfn;

	if (type >= KF_MIGRATE_PCPTYPES)
		return false;
	if (order < KF_PAGEBLOCK_ORDER && flags & KF_ALLOC_NOFRAGMENT)
		least = KF_PAGEBLOCK_ORDER;
	have = fallback_order(zone, least, order, type);
	if (have == KF_MAX_ORDER)
		return false;
	from = fallback_type(zone, have, type);
	pfn = kf_pfn_of(kf_container(zone->list[from][have].next, struct page, lru));
	steal_block(zone, pfn, have, type, flags);
	*fallback = (struct kf_fallback){true, pfn, order, have, type, from};
	return true;
}

/* ---- highatomic ------------------------------------------------------------------------------ */

void kf_highatomic_reserve(struct kf_zone *zone, u64 pfn)
{
	u64 most = zone->managed / 100 + KF_PAGEBLOCK_PAGES;

	kf_lock(&zone->lock);
	if (zone->highatomic < most && kf_block_type(pfn) < KF_MIGRATE_PCPTYPES) {
		kf_bump(&zone->highatomic, KF_PAGEBLOCK_PAGES);
		kf_block_set_type(pfn, KF_MIGRATE_HIGHATOMIC);
		move_block(zone, pfn, KF_MIGRATE_HIGHATOMIC);
	}
	kf_unlock(&zone->lock);
}

/* The first free block of the reserve, or KF_NO_PFN. */
static u64 reserved_block(const struct kf_zone *zone)
{
	u32 orders = zone->nonempty[KF_MIGRATE_HIGHATOMIC];
	const struct kf_list *list;

	if (!orders)
		return KF_NO_PFN;
	list = &zone->list[KF_MIGRATE_HIGHATOMIC][__builtin_ctz(orders)];
	return kf_pfn_of(kf_container(list->next, struct page, lru));
}

/* A whole page block that was kept apart from its buddy joins it now. */
static void merge_again(struct kf_zone *zone, u64 pfn)
{
	pfn &= ~(KF_PAGEBLOCK_PAGES - 1);
	if (kf_frame_state(pfn) != KF_FRAME_FREE || kf_frame_at(pfn)->order != KF_PAGEBLOCK_ORDER)
		return;
	kf_buddy_remove(zone, pfn, KF_PAGEBLOCK_ORDER);
	kf_buddy_give(zone, pfn, KF_PAGEBLOCK_ORDER, false);
}

/* The page block around pfn leaves the reserve and goes to `type`; false: nothing of it is free. */
static bool unreserve_block(struct kf_zone *zone, u64 pfn, unsigned type)
{
	bool moved;

	if (kf_block_type(pfn) == KF_MIGRATE_HIGHATOMIC)
		kf_bump(&zone->highatomic, -KF_PAGEBLOCK_PAGES);
	kf_block_set_type(pfn, type);
	moved = move_block(zone, pfn, type).free != 0;
	merge_again(zone, pfn);
	return moved;
}

static bool unreserve_one(struct kf_zone *zone, unsigned type, bool force)
{
	u64 pfn;

	if (!force && zone->highatomic <= KF_PAGEBLOCK_PAGES)
		return false;
	pfn = reserved_block(zone);
	return pfn != KF_NO_PFN && unreserve_block(zone, pfn, type);
}

bool kf_highatomic_unreserve(unsigned highest, unsigned type, bool force)
{
	for (int id = (int)highest; id >= 0; id--) {
		struct kf_zone *zone = &kf_state()->page.zone[id];
		bool done;

		if (!zone->managed)
			continue;
		kf_lock(&zone->lock);
		done = unreserve_one(zone, type, force);
		kf_unlock(&zone->lock);
		if (done)
			return true;
	}
	return false;
}

void kf_highatomic_give_up_unused(struct kf_zone *zone)
{
	kf_lock(&zone->lock);
	for (unsigned order = KF_PAGEBLOCK_ORDER; order < KF_MAX_ORDER; order++) {
		const struct kf_list *list = &zone->list[KF_MIGRATE_HIGHATOMIC][order];

		while (!kf_list_empty(list))
			unreserve_block(zone, kf_pfn_of(kf_container(list->next, struct page, lru)),
					KF_MIGRATE_MOVABLE);
	}
	kf_unlock(&zone->lock);
}
