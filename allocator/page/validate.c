// SPDX-License-Identifier: GPL-2.0-only
/*
 * The equations below struct kf_zone, recomputed from scratch. Every list is walked and every frame is visited: a
 * page must be in a zone's list, in a CPU's list, lost, or owned, exactly once.
 */
#include "base.h"

/* What was found in one zone. */
struct census {
	u64 free_blocks, free_pages;	 /* on the zone's lists */
	u64 listed_blocks, listed_pages; /* on CPUs' lists */
};

/* ---- lists ----------------------------------------------------------------------------------- */

static const char *validate_pages(u64 pfn, unsigned order)
{
	const struct page *page = kf_page_at(pfn);

	for (u64 i = 1; i < 1ull << order; i++)
		if (kf_frame_state(pfn + i) != KF_FRAME_INNER)
			return "two blocks overlap";
	for (u64 i = 0; i < 1ull << order; i++)
		if (page[i].refcount || page[i].mapcount != -1)
			return "a free page has references";
	return NULL;
}

static const char *validate_block(const struct kf_zone *zone, u64 pfn, unsigned order,
				  enum kf_frame_state state)
{
	const struct kf_frame *frame = kf_frame_at(pfn);

	if (pfn & ((1ull << order) - 1))
		return "a free block is not aligned to its size";
	if (pfn < zone->start_pfn || pfn + (1ull << order) > zone->end_pfn)
		return "a free block leaves its zone";
	if (kf_frame_state(pfn) != state || frame->order != order)
		return "a block on a free list is not recorded as free";
	return validate_pages(pfn, order);
}

/* May these two free blocks lie side by side? */
static const char *validate_buddy(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	u64 buddy = pfn ^ (1ull << order);

	if (order == KF_MAX_ORDER - 1 || buddy < zone->start_pfn || buddy >= zone->end_pfn)
		return NULL;
	if (kf_frame_state(buddy) != KF_FRAME_FREE || kf_frame_at(buddy)->order != order)
		return NULL;
	if (order >= KF_PAGEBLOCK_ORDER && kf_block_type(pfn) != kf_block_type(buddy) &&
	    (kf_block_type(pfn) >= KF_MIGRATE_PCPTYPES ||
	     kf_block_type(buddy) >= KF_MIGRATE_PCPTYPES))
		return NULL;
	return "two free buddies are not merged";
}

/* Walk one list; its length in *seen. */
static const char *validate_list(const struct kf_zone *zone, const struct kf_list *head,
				 unsigned order, enum kf_frame_state state, u64 *seen)
{
	u64 most = (zone->end_pfn - zone->start_pfn) >> order;

	*seen = 0;
	if (head->next->prev != head)
		return "a free list is not linked both ways";
	for (const struct kf_list *at = head->next; at != head; at = at->next) {
		const char *wrong;

		if (at->next->prev != at)
			return "a free list is not linked both ways";
		if (++*seen > most)
			return "a free list is longer than its zone";
		wrong = validate_block(zone, kf_pfn_of(kf_container(at, struct page, lru)), order,
				       state);
		if (wrong)
			return wrong;
	}
	return NULL;
}

static const char *validate_type(const struct kf_zone *zone, unsigned type, unsigned order,
				 u64 *seen)
{
	const struct kf_list *head = &zone->list[type][order];
	const char *wrong = validate_list(zone, head, order, KF_FRAME_FREE, seen);

	for (const struct kf_list *at = head->next; at != head && !wrong; at = at->next) {
		const struct page *page = kf_container(at, struct page, lru);

		wrong = page->private == type ? validate_buddy(zone, kf_pfn_of(page), order)
					      : "a free block is on the list of another type";
	}
	if (!wrong && !*seen != !(zone->nonempty[type] >> order & 1))
		return "the mask of free lists is wrong";
	return wrong;
}

static const char *validate_order(const struct kf_zone *zone, unsigned order, struct census *sum)
{
	u64 blocks = 0;

	for (unsigned type = 0; type < KF_NR_MIGRATE_TYPES; type++) {
		u64 seen;
		const char *wrong = validate_type(zone, type, order, &seen);

		if (wrong)
			return wrong;
		blocks += seen;
	}
	sum->free_blocks += blocks;
	sum->free_pages += blocks << order;
	return blocks == zone->nr_free[order] ? NULL : "a count of free blocks is wrong";
}

static const char *validate_cpu(const struct kf_zone *zone, const struct kf_pcp *pcp,
				struct census *sum)
{
	u64 pages = 0;

	for (unsigned i = 0; i < KF_PCP_LISTS; i++) {
		unsigned order = i / KF_MIGRATE_PCPTYPES;
		u64 seen;
		const char *wrong = validate_list(zone, &pcp->list[i], order, KF_FRAME_PCP, &seen);

		if (wrong)
			return wrong;
		sum->listed_blocks += seen;
		pages += seen << order;
	}
	sum->listed_pages += pages;
	return pages == pcp->count ? NULL : "a CPU's count of free pages is wrong";
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Every frame once; what is in no block was never given to the zone. */
static const char *validate_frames(const struct kf_zone *zone, const struct census *sum)
{
	u64 pages[KF_NR_FRAME_STATES] = {0}, heads[KF_NR_FRAME_STATES] = {0}, step, outside;

	for (u64 pfn = zone->start_pfn; pfn < zone->end_pfn; pfn += step) {
		u8 state = kf_frame_state(pfn);

		if (state >= KF_NR_FRAME_STATES)
			return "a frame is in no state that there is";
		step = state == KF_FRAME_INNER || state == KF_FRAME_SLAB || state == KF_FRAME_FENCE
			       ? 1
			       : 1ull << kf_frame_at(pfn)->order;
		pages[state] += step;
		heads[state]++;
	}
	outside = zone->end_pfn - zone->start_pfn - zone->managed;
	if (heads[KF_FRAME_FREE] != sum->free_blocks)
		return "a free block is on no list";
	if (heads[KF_FRAME_PCP] != sum->listed_blocks)
		return "a block of a CPU is on no list";
	if (pages[KF_FRAME_INNER] != outside)
		return "a page is neither free nor owned";
	return NULL;
}

static const char *validate_zone(const struct kf_zone *zone)
{
	struct census sum = {0, 0, 0, 0};
	const char *wrong = NULL;

	for (unsigned order = 0; order < KF_MAX_ORDER && !wrong; order++)
		wrong = validate_order(zone, order, &sum);
	for (unsigned cpu = 0; zone->pcp && cpu < kf_here.layout.nr_cpus && !wrong; cpu++)
		wrong = validate_cpu(zone, &zone->pcp[cpu], &sum);
	if (wrong)
		return wrong;
	if (sum.free_pages != zone->free || sum.free_pages + sum.listed_pages > zone->managed)
		return "a zone's count of free pages is wrong";
	return validate_frames(zone, &sum);
}

const char *kf_buddy_validate(void)
{
	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		const char *wrong = validate_zone(&kf_state()->page.zone[id]);

		if (wrong)
			return wrong;
	}
	return NULL;
}
