// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buddy allocator proper: free lists, split, merge. Follows __rmqueue(), expand() and __free_one_page() of
 * mm/page_alloc.c of 6.1.
 *
 *	order 2   |........|        taking order 0 keeps the lowest frame and
 *	          |0|1|..|..|        puts the upper halves back: 1, then 2-3
 *
 * A free block is known by its head's frame record (FREE, order); its interior frames are INNER. The list
 * links live in page->lru of the head, and page->private names the migrate type of the list that it is on, which
 * may differ from that of its page block. Blocks never cross zones, because a block's buddy is asked for its zone.
 *
 * Lock: zone->lock, for everything here.
 */
#include "base.h"

/* ---- free lists ------------------------------------------------------------------------------ */

static void insert(struct kf_zone *zone, u64 pfn, unsigned order, unsigned type, bool tail)
{
	struct page *page = kf_page_at(pfn);
	struct kf_list *list = &zone->list[type][order];

	page->private = type;
	kf_frame_at(pfn)->order = (u8)order;
	kf_frame_set(pfn, KF_FRAME_FREE);
	if (tail)
		kf_list_add_tail(&page->lru, list);
	else
		kf_list_add(&page->lru, list);
	zone->nr_free[order]++;
	__atomic_store_n(&zone->nonempty[type], zone->nonempty[type] | 1u << order,
			 __ATOMIC_RELAXED);
}

static void take_out(struct kf_zone *zone, u64 pfn, unsigned order)
{
	struct page *page = kf_page_at(pfn);
	unsigned type = (unsigned)page->private;

	kf_list_del(&page->lru);
	page->lru = (struct kf_list){NULL, NULL};
	page->private = 0;
	kf_frame_set(pfn, KF_FRAME_INNER);
	zone->nr_free[order]--;
	if (kf_list_empty(&zone->list[type][order]))
		__atomic_store_n(&zone->nonempty[type], zone->nonempty[type] & ~(1u << order),
				 __ATOMIC_RELAXED);
}

void kf_buddy_move(struct kf_zone *zone, u64 pfn, unsigned order, unsigned type)
{
	take_out(zone, pfn, order);
	insert(zone, pfn, order, type, true);
}

void kf_buddy_remove(struct kf_zone *zone, u64 pfn, unsigned order)
{
	take_out(zone, pfn, order);
	kf_bump(&zone->free, -(1ull << order));
}

static bool is_free_block(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	if (pfn < zone->start_pfn || pfn >= zone->end_pfn)
		return false;
	return kf_frame_state(pfn) == KF_FRAME_FREE && kf_frame_at(pfn)->order == order;
}

/* ---- merge ----------------------------------------------------------------------------------- */

/* A reserve keeps to itself: whole page blocks of it do not melt into others. */
static bool may_merge(u64 buddy, unsigned order, unsigned type)
{
	unsigned other;

	if (order < KF_PAGEBLOCK_ORDER)
		return true;
	other = kf_block_type(buddy);
	return type == other || (type < KF_MIGRATE_PCPTYPES && other < KF_MIGRATE_PCPTYPES);
}

/* A block whose next merge is likely soon is used last. */
static bool belongs_to_tail(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	u64 above = pfn & ~(1ull << order);

	return order < KF_MAX_ORDER - 2 && is_free_block(zone, above ^ (2ull << order), order + 1);
}

void kf_buddy_give(struct kf_zone *zone, u64 pfn, unsigned order, bool tail)
{
	unsigned type = kf_block_type(pfn);

	kf_bump(&zone->free, 1ull << order);
	kf_frame_set(pfn, KF_FRAME_INNER);
	for (; order < KF_MAX_ORDER - 1; order++) {
		u64 buddy = pfn ^ (1ull << order);

		if (!is_free_block(zone, buddy, order) || !may_merge(buddy, order, type))
			break;
		take_out(zone, buddy, order);
		pfn &= ~(1ull << order);
	}
	insert(zone, pfn, order, type, tail || belongs_to_tail(zone, pfn, order));
}

/* ---- split ----------------------------------------------------------------------------------- */

u64 kf_buddy_smallest(struct kf_zone *zone, unsigned order, unsigned type)
{
	u32 mask = zone->nonempty[type] >> order;
	unsigned have;
	u64 pfn;

	if (!mask)
		return KF_NO_PFN;
	have = order + (unsigned)__builtin_ctz(mask);
	pfn = kf_pfn_of(kf_container(zone->list[type][have].next, struct page, lru));
	take_out(zone, pfn, have);
	while (have > order) {
		have--;
		insert(zone, pfn + (1ull << have), have, type, false);
	}
	kf_bump(&zone->free, -(1ull << order));
	kf_frame_at(pfn)->order = (u8)order;
	return pfn;
}

u64 kf_buddy_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags,
		  struct kf_fallback *fallback)
{
	u64 pfn;

	for (;;) {
		pfn = kf_buddy_smallest(zone, order, type);
		if (pfn != KF_NO_PFN || !kf_steal(zone, order, type, flags, fallback))
			return pfn;
	}
}
