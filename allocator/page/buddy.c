// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buddy allocator proper: free lists, split, merge, zone fallback. Follows __rmqueue_smallest(),
 * expand() and __free_one_page() of mm/page_alloc.c 6.1; there are no migrate types, watermarks or per-CPU
 * lists.
 *
 *	order 2   |........|        taking order 0 keeps the lowest frame and
 *	          |0|1|..|..|        puts the upper halves back: 1, then 2-3
 *
 * A free block is known by its head's frame record (FREE, order); its interior frames are INNER. The list
 * links live in page->lru of the head. Blocks never cross zones, because zones start and end at page
 * blocks or their buddies are not FREE.
 *
 * Lock: zone->lock, for the lists of that zone and the records of the heads on them.
 */
#include <string.h>

#include "../core/state.h"

static struct kf_frame *frame_of(u64 pfn)
{
	return &kf_here.frames[pfn];
}

void kf_buddy_init(void)
{
	const struct kf_layout *layout = kf_layout();

	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone *zone = &kf_state()->page.zone[z];

		zone->start_pfn = layout->zone[z].start >> KF_PAGE_SHIFT;
		zone->end_pfn = layout->zone[z].end >> KF_PAGE_SHIFT;
		for (int order = 0; order < KF_MAX_ORDER; order++)
			kf_list_init(&zone->list[order]);
	}
}

static struct kf_zone *zone_of(u64 pfn)
{
	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone *zone = &kf_state()->page.zone[z];

		if (pfn >= zone->start_pfn && pfn < zone->end_pfn)
			return zone;
	}
	return NULL;
}

/* ---- free lists ------------------------------------------------------------------------------------ */

static void insert(struct kf_zone *zone, u64 pfn, unsigned order, bool tail)
{
	struct page *page = kf_pfn_to_page(pfn);
	struct kf_frame *frame = frame_of(pfn);

	frame->state = KF_FRAME_FREE;
	frame->order = (u8)order;
	if (tail)
		kf_list_add_tail(&page->lru, &zone->list[order]);
	else
		kf_list_add(&page->lru, &zone->list[order]);
	zone->nr_free[order]++;
	zone->nonempty |= 1u << order;
}

static void take_out(struct kf_zone *zone, u64 pfn, unsigned order)
{
	struct page *page = kf_pfn_to_page(pfn);

	kf_list_del(&page->lru);
	page->lru = (struct kf_list){NULL, NULL};
	frame_of(pfn)->state = KF_FRAME_INNER;
	if (!--zone->nr_free[order])
		zone->nonempty &= ~(1u << order);
}

static bool is_free_block(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	const struct kf_frame *frame;

	if (pfn < zone->start_pfn || pfn >= zone->end_pfn)
		return false;
	frame = frame_of(pfn);
	return frame->state == KF_FRAME_FREE && frame->order == order;
}

/* A block whose next merge is likely soon is used last. */
static bool belongs_to_tail(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	u64 above;

	if (order >= KF_MAX_ORDER - 2)
		return false;
	above = pfn & ~(1ull << order);
	return is_free_block(zone, above ^ (2ull << order), order + 1);
}

static void merge_in(struct kf_zone *zone, u64 pfn, unsigned order, bool tail)
{
	zone->free += 1ull << order;
	frame_of(pfn)->state = KF_FRAME_INNER;
	for (; order < KF_MAX_ORDER - 1; order++) {
		u64 buddy = pfn ^ (1ull << order);

		if (!is_free_block(zone, buddy, order))
			break;
		take_out(zone, buddy, order);
		pfn &= ~(1ull << order);
	}
	insert(zone, pfn, order, tail || belongs_to_tail(zone, pfn, order));
}

static u64 split_off(struct kf_zone *zone, unsigned order)
{
	unsigned have;
	u64 pfn;

	if (!(zone->nonempty >> order))
		return KF_NO_PFN;
	have = order + (unsigned)__builtin_ctz(zone->nonempty >> order);
	pfn = kf_page_to_pfn(kf_container(zone->list[have].next, struct page, lru));
	take_out(zone, pfn, have);
	while (have > order) {
		have--;
		insert(zone, pfn + (1ull << have), have, false);
	}
	zone->free -= 1ull << order;
	frame_of(pfn)->state = KF_FRAME_BLOCK;
	frame_of(pfn)->order = (u8)order;
	return pfn;
}

/* ---- interface to page_alloc.c ------------------------------------------------------------------------- */

static int highest_zone(u32 gfp)
{
	if (gfp & KF_GFP_DMA)
		return KF_ZONE_DMA;
	return gfp & KF_GFP_DMA32 ? KF_ZONE_DMA32 : KF_ZONE_NORMAL;
}

u64 kf_buddy_take(u32 gfp, unsigned order)
{
	for (int z = highest_zone(gfp); z >= 0; z--) {
		struct kf_zone *zone = &kf_state()->page.zone[z];
		u64 pfn;

		kf_lock(&zone->lock);
		pfn = split_off(zone, order);
		kf_unlock(&zone->lock);
		if (pfn != KF_NO_PFN)
			return pfn;
	}
	return KF_NO_PFN;
}

void kf_buddy_give(u64 pfn, unsigned order)
{
	struct kf_zone *zone = zone_of(pfn);

	kf_lock(&zone->lock);
	merge_in(zone, pfn, order, false);
	kf_unlock(&zone->lock);
}

static unsigned seed_order(u64 pfn, u64 end)
{
	unsigned order = pfn ? (unsigned)__builtin_ctzll(pfn) : KF_MAX_ORDER - 1;

	if (order > KF_MAX_ORDER - 1)
		order = KF_MAX_ORDER - 1;
	while (pfn + (1ull << order) > end)
		order--;
	return order;
}

static void seed_block(struct kf_zone *zone, u64 pfn, unsigned order)
{
	const u64 reserved = 1ull << kf_layout()->pg_reserved;
	struct page *page = kf_pfn_to_page(pfn);

	for (u64 i = 0; i < 1ull << order; i++) {
		page[i].flags &= ~reserved;
		page[i].refcount = 0;
	}
	zone->managed += 1ull << order;
	merge_in(zone, pfn, order, true);
}

void kf_buddy_seed(u64 pfn, u64 end)
{
	while (pfn < end) {
		struct kf_zone *zone = zone_of(pfn);
		u64 limit = end < zone->end_pfn ? end : zone->end_pfn;
		unsigned order = seed_order(pfn, limit);

		seed_block(zone, pfn, order);
		pfn += 1ull << order;
	}
}

/* ---- telling about it ------------------------------------------------------------------------------------ */

void kf_zone_stat(enum kf_zone_id id, struct kf_zone_stat *out)
{
	static const char *const names[] = {"DMA", "DMA32", "Normal"};
	const struct kf_zone *zone = &kf_state()->page.zone[id];

	*out = (struct kf_zone_stat){
		.name = names[id],
		.start_pfn = zone->start_pfn,
		.spanned = zone->end_pfn - zone->start_pfn,
		.present = zone->end_pfn - zone->start_pfn,
		.managed = zone->managed,
		.free = zone->free,
	};
	memcpy(out->nr_free, zone->nr_free, sizeof(out->nr_free));
}

static const char *validate_block(const struct kf_zone *zone, u64 pfn, unsigned order)
{
	const struct kf_frame *frame = frame_of(pfn);
	const struct page *page = kf_pfn_to_page(pfn);

	if (pfn & ((1ull << order) - 1))
		return "a free block is not aligned to its size";
	if (pfn < zone->start_pfn || pfn + (1ull << order) > zone->end_pfn)
		return "a free block leaves its zone";
	if (frame->state != KF_FRAME_FREE || frame->order != order)
		return "a block on a free list is not recorded as free";
	if (order < KF_MAX_ORDER - 1 && is_free_block(zone, pfn ^ (1ull << order), order))
		return "two free buddies are not merged";
	for (u64 i = 1; i < 1ull << order; i++)
		if (frame[i].state != KF_FRAME_INNER)
			return "two blocks overlap";
	for (u64 i = 0; i < 1ull << order; i++)
		if (page[i].refcount || page[i].mapcount != -1)
			return "a free page has references";
	return NULL;
}

static const char *validate_list(const struct kf_zone *zone, unsigned order)
{
	const struct kf_list *head = &zone->list[order];
	u64 seen = 0;

	for (const struct kf_list *at = head->next; at != head; at = at->next) {
		const char *wrong;

		if (at->next->prev != at)
			return "a free list is not linked both ways";
		if (++seen > zone->nr_free[order])
			return "a free list is longer than its count";
		wrong = validate_block(zone, kf_page_to_pfn(kf_container(at, struct page, lru)),
				       order);
		if (wrong)
			return wrong;
	}
	if (seen != zone->nr_free[order])
		return "a free list is shorter than its count";
	if (!seen != !(zone->nonempty >> order & 1))
		return "the mask of free lists is wrong";
	return NULL;
}

static const char *validate_zone(const struct kf_zone *zone)
{
	u64 free = 0, heads = 0, blocks = 0;

	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		const char *wrong = validate_list(zone, order);

		if (wrong)
			return wrong;
		free += zone->nr_free[order] << order;
		blocks += zone->nr_free[order];
	}
	if (free != zone->free || free > zone->managed)
		return "a zone's count of free pages is wrong";
	for (u64 pfn = zone->start_pfn; pfn < zone->end_pfn; pfn++)
		heads += frame_of(pfn)->state == KF_FRAME_FREE;
	return heads == blocks ? NULL : "a free block is on no list";
}

const char *kf_buddy_validate(void)
{
	for (int z = 0; z < KF_NR_ZONES; z++) {
		const char *wrong = validate_zone(&kf_state()->page.zone[z]);

		if (wrong)
			return wrong;
	}
	return NULL;
}
