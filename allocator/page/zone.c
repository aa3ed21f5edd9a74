// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones: which memory each has, which requests it serves, and what it keeps back. Follows gfp_zone(),
 * setup_per_zone_lowmem_reserve(), __setup_per_zone_wmarks(), calculate_min_free_kbytes() and the watermark tests
 * of mm/page_alloc.c and include/linux/gfp.h of 6.1.
 *
 *	Movable -> HighMem -> Normal -> DMA32 -> DMA	a request falls back to the right, from its highest zone on
 *
 *	0 ........ min ......... low ......... high ...... free pages of a zone
 *	  reserves  |  direct     |  kswapd     |  enough
 *	            |  reclaim    |  is woken   |
 *
 * On top of the watermark, a zone keeps reserve[j] pages from requests that might have been served by zone j
 * above it.
 *
 * There is one node. HighMem exists only when the setting `highmem` asks for it; without, __GFP_HIGHMEM means
 * Normal, as on 64-bit machines. Memblock's memory is low memory; what HighMem and Movable have goes to the
 * buddy allocator when the zones start.
 */
#include "base.h"

/* mm/page_alloc.c: sysctl_lowmem_reserve_ratio, watermark_scale_factor */
static const u32 reserve_ratio[KF_NR_ZONES] = {
	[KF_ZONE_DMA] = 256,
	[KF_ZONE_DMA32] = 256,
	[KF_ZONE_NORMAL] = 32,
};
#define WATERMARK_SCALE 10

/* ---- which zone ------------------------------------------------------------------------------ */

unsigned kf_gfp_zone(u32 gfp)
{
	static const u8 zones[16] = {
		[0] = KF_ZONE_NORMAL,
		[KF_GFP_DMA] = KF_ZONE_DMA,
		[KF_GFP_HIGHMEM] = KF_ZONE_HIGHMEM,
		[KF_GFP_DMA32] = KF_ZONE_DMA32,
		[KF_GFP_MOVABLE] = KF_ZONE_NORMAL,
		[KF_GFP_MOVABLE | KF_GFP_DMA] = KF_ZONE_DMA,
		[KF_GFP_MOVABLE | KF_GFP_HIGHMEM] = KF_ZONE_MOVABLE,
		[KF_GFP_MOVABLE | KF_GFP_DMA32] = KF_ZONE_DMA32,
		/* Two zones at once are a mistake; the kernel's table says DMA to them. */
	};

	return zones[gfp & 15];
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void init_zone(struct kf_zone *zone, unsigned id)
{
	const struct kf_layout *layout = kf_layout();
	bool exists = id != KF_ZONE_HIGHMEM || kf_settings()->highmem;

	zone->id = (u8)id;
	zone->start_pfn = layout->zone[id].start >> KF_PAGE_SHIFT;
	zone->end_pfn = exists ? layout->zone[id].end >> KF_PAGE_SHIFT : zone->start_pfn;
	for (unsigned type = 0; type < KF_NR_MIGRATE_TYPES; type++)
		for (unsigned order = 0; order < KF_MAX_ORDER; order++)
			kf_list_init(&zone->list[type][order]);
	for (u64 pfn = zone->start_pfn; pfn < zone->end_pfn; pfn += KF_PAGEBLOCK_PAGES)
		kf_state()->page.blocks[pfn >> KF_PAGEBLOCK_ORDER] =
			(u8)(id << 4 | KF_MIGRATE_MOVABLE);
}

int kf_zones_init(void)
{
	struct kf_page_state *st = &kf_state()->page;
	u64 blocks = (st->nr_frames >> KF_PAGEBLOCK_ORDER) + 1;

	st->blocks = kf_meta_alloc(blocks);
	if (!st->blocks)
		return -1;
	memset(st->blocks, KF_NO_ZONE << 4, blocks);
	st->gfp_allowed_mask = ~0u;
	kf_list_init(&st->shrinkers);
	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		struct kf_zone *zone = &st->zone[id];

		init_zone(zone, id);
		if (zone->start_pfn == zone->end_pfn)
			continue;
		zone->pcp = kf_meta_alloc(kf_layout()->nr_cpus * sizeof(*zone->pcp));
		if (!zone->pcp)
			return -1;
		kf_pcp_init(zone);
		kf_pcp_update(zone);
	}
	return 0;
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
	const u64 reserved = 1ull << kf_here.layout.pg_reserved;
	struct page *page = kf_page_at(pfn);

	for (u64 i = 0; i < 1ull << order; i++) {
		page[i].flags &= ~reserved;
		page[i].refcount = 0;
	}
	kf_bump(&zone->managed, 1ull << order);
	kf_buddy_give(zone, pfn, order, true);
}

void kf_zones_seed(u64 pfn, u64 end)
{
	while (pfn < end) {
		struct kf_zone *zone = kf_zone_at(pfn);
		u64 limit = end < zone->end_pfn ? end : zone->end_pfn;
		unsigned order = seed_order(pfn, limit);

		kf_lock(&zone->lock);
		seed_block(zone, pfn, order);
		kf_unlock(&zone->lock);
		pfn += 1ull << order;
	}
}

/* ---- reserves -------------------------------------------------------------------------------- */

static void set_reserves(struct kf_zone *zones)
{
	for (unsigned i = 0; i < KF_NR_ZONES; i++) {
		u64 above = 0;

		for (unsigned j = i + 1; j < KF_NR_ZONES; j++) {
			above += zones[j].managed;
			kf_poke(&zones[i].reserve[j], reserve_ratio[i] && zones[i].managed
							      ? above / reserve_ratio[i]
							      : 0);
		}
	}
}

static u64 int_sqrt(u64 x)
{
	u64 root = 0;

	for (u64 bit = 1ull << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

static u64 low_pages(const struct kf_zone *zones)
{
	u64 pages = 0;

	for (unsigned id = 0; id < KF_NR_ZONES; id++)
		pages += id == KF_ZONE_HIGHMEM ? 0 : zones[id].managed;
	return pages;
}

/* What nr_free_buffer_pages() counts: all that GFP_USER may have. */
static u32 default_min_free_kbytes(const struct kf_zone *zones)
{
	u64 pages = zones[KF_ZONE_DMA].managed + zones[KF_ZONE_DMA32].managed +
		    zones[KF_ZONE_NORMAL].managed;
	u64 kbytes = int_sqrt(pages * (KF_PAGE_SIZE >> 10) * 16);

	return (u32)(kbytes < 128 ? 128 : kbytes > 262144 ? 262144 : kbytes);
}

static void set_watermarks(struct kf_zone *zone, u64 pages_min, u64 all)
{
	u64 share = all ? pages_min * zone->managed / all : 0;
	u64 step = zone->managed * WATERMARK_SCALE / 10000, high = zone->managed / 1024;

	step = step < share / 4 ? share / 4 : step;
	if (zone->id == KF_ZONE_HIGHMEM)
		share = high < 32 ? 32 : high > 128 ? 128 : high;
	for (unsigned mark = KF_WMARK_MIN; mark < KF_NR_WMARK; mark++)
		kf_poke(&zone->watermark[mark], share + mark * step);
}

void kf_zones_update(void)
{
	struct kf_page_state *st = &kf_state()->page;
	struct kf_zone *zones = st->zone;

	st->min_free_kbytes = kf_settings()->min_free_kbytes;
	if (!st->min_free_kbytes)
		st->min_free_kbytes = default_min_free_kbytes(zones);
	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		if (!zones[id].managed)
			continue;
		set_watermarks(&zones[id], st->min_free_kbytes >> (KF_PAGE_SHIFT - 10),
			       low_pages(zones));
		kf_pcp_update(&zones[id]);
	}
	set_reserves(zones);
}

void kf_zones_start(void)
{
	struct kf_zone *zones = kf_state()->page.zone;

	for (unsigned id = KF_ZONE_HIGHMEM; id < KF_NR_ZONES; id++)
		kf_zones_seed(zones[id].start_pfn, zones[id].end_pfn);
	kf_zones_update();
}

u32 kf_min_free_kbytes(void)
{
	return kf_state()->page.min_free_kbytes;
}

/* ---- watermarks ------------------------------------------------------------------------------ */

static u64 unusable(const struct kf_zone *zone, unsigned order, u32 flags)
{
	u64 pages = (1ull << order) - 1;

	return flags & KF_ALLOC_RESERVES ? pages : pages + kf_peek(&zone->highatomic);
}

/* How far below the mark these flags may go. */
static u64 lowered(u64 mark, u32 flags)
{
	if (flags & KF_ALLOC_MIN_RESERVE) {
		mark -= mark / 2;
		if (flags & KF_ALLOC_NON_BLOCK)
			mark -= mark / 4;
	}
	if (flags & KF_ALLOC_OOM)
		mark -= mark / 2;
	return mark;
}

static bool has_block(const struct kf_zone *zone, unsigned order, u32 flags)
{
	u32 some = 0;

	for (unsigned type = 0; type < KF_MIGRATE_PCPTYPES; type++)
		some |= __atomic_load_n(&zone->nonempty[type], __ATOMIC_RELAXED);
	if (flags & (KF_ALLOC_HIGHATOMIC | KF_ALLOC_OOM))
		some |= __atomic_load_n(&zone->nonempty[KF_MIGRATE_HIGHATOMIC], __ATOMIC_RELAXED);
	return some >> order;
}

bool kf_watermark_ok(const struct kf_zone *zone, unsigned order, u64 mark, unsigned highest,
		     u32 flags)
{
	s64 usable = (s64)kf_peek(&zone->free) - (s64)unusable(zone, order, flags);

	if (usable <= (s64)(lowered(mark, flags) + kf_peek(&zone->reserve[highest])))
		return false;
	return !order || has_block(zone, order, flags);
}

bool kf_watermark_fast(const struct kf_zone *zone, unsigned order, u64 mark, unsigned highest,
		       u32 flags, u32 gfp)
{
	if (!order && kf_peek(&zone->free) >
			      mark + kf_peek(&zone->reserve[highest]) + unusable(zone, 0, flags))
		return true;
	if (kf_watermark_ok(zone, order, mark, highest, flags))
		return true;
	/* The boost is there to wake kswapd early, not to fail atomic requests. */
	if (order || !(gfp & KF_GFP_ATOMIC_BIT) || !kf_peek(&zone->boost) ||
	    flags & KF_ALLOC_WMARK_MASK)
		return false;
	return kf_watermark_ok(zone, order, zone->watermark[KF_WMARK_MIN], highest, flags);
}
