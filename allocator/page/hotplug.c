// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory hotplug: zone Normal grows when memory is short, section by section, as far as the layout says. Follows
 * online_pages() of mm/memory_hotplug.c in 6.1, with memory that is always there to be added.
 *
 * Until its section is online, memory behind the zone has no struct pages (their bytes are zero), no zone, and
 * nobody can be given any of it: a world of many GiB starts as fast as one of a few MiB. The settings know nothing
 * of it; a layout without `hotplug` has all of its memory at once. Such worlds are not saved.
 */
#include "base.h"

#define SECTION (128ull << 20) /* SECTION_SIZE_BITS of x86-64 is 27 */

static void online(struct kf_zone *zone, u64 bytes)
{
	u64 pfn = zone->end_pfn, end = pfn + (bytes >> KF_PAGE_SHIFT);

	kf_memory_ask_huge_pages(pfn << KF_PAGE_SHIFT, bytes);
	kf_pages_init(pfn, end, zone->id);
	for (u64 block = pfn; block < end; block += KF_PAGEBLOCK_PAGES)
		kf_state()->page.blocks[block >> KF_PAGEBLOCK_ORDER] =
			(u8)(zone->id << 4 | KF_MIGRATE_MOVABLE);
	kf_here.layout.zone[zone->id].end += bytes;
	zone->end_pfn = end;
	kf_zones_seed(pfn, end);
	kf_zones_update();
}

bool kf_hotplug(unsigned highest, u64 seen)
{
	struct kf_page_state *st = &kf_state()->page;
	struct kf_zone *zone = &st->zone[KF_ZONE_NORMAL];
	bool more;

	if (highest < KF_ZONE_NORMAL || !kf_here.layout.hotplug)
		return false;
	kf_lock(&st->hotplug_lock);
	more = st->onlined != seen;
	if (!more && st->onlined < kf_here.layout.hotplug) {
		u64 rest = kf_here.layout.hotplug - st->onlined;
		u64 bytes = rest < SECTION ? rest : SECTION;

		online(zone, bytes);
		__atomic_store_n(&st->onlined, st->onlined + bytes, __ATOMIC_RELAXED);
		more = true;
	}
	kf_unlock(&st->hotplug_lock);
	return more;
}
