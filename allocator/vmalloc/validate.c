// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must always hold of areas and gaps (vmalloc_state.h), computed from scratch. Each sentence names the first thing
 * that does not.
 */
#include "../core/state.h"

struct sums {
	u64 busy, dead, lazy_pages, nr_pages, blocks;
};

/* What is mapped behind this area is what it says. */
static const char *mapping_trouble(const struct kf_area *area)
{
	u64 n = kf_area_bytes(area) >> KF_PAGE_SHIFT;

	for (u64 i = 0; i < n; i++) {
		u64 pfn = kf_mapped_frame((void *)(area->range.start + (i << KF_PAGE_SHIFT)));

		if (area->state == KF_AREA_DEAD && pfn != KF_NO_PFN)
			return "a dead virtual area is still mapped";
		if (area->state == KF_AREA_LIVE && area->maker == KF_BY_VMALLOC &&
		    (pfn == KF_NO_PFN || kf_pfn_to_page(pfn) != area->frames[i]))
			return "a virtual area is not mapped to its own frames";
	}
	if (area->guard && kf_mapped_frame((void *)(area->range.end - KF_PAGE_SIZE)) != KF_NO_PFN)
		return "a guard page is mapped";
	return NULL;
}

static const char *area_trouble(const struct kf_area *area)
{
	if (area->maker == KF_BY_BLOCK)
		return kf_block_validate(area->block);
	if (!(area->maker & KF_WITHOUT_VM) &&
	    ((u64)(uintptr_t)area->vm.addr != area->range.start ||
	     area->vm.size != area->range.end - area->range.start))
		return "a vm_struct does not say where its area is";
	return mapping_trouble(area);
}

static void add_up(const struct kf_area *area, struct sums *sums)
{
	u64 pages = (area->range.end - area->range.start) >> KF_PAGE_SHIFT;

	sums->blocks += area->maker == KF_BY_BLOCK;
	if (area->state == KF_AREA_DEAD) {
		sums->dead++;
		sums->lazy_pages += pages;
		return;
	}
	sums->busy++;
	if (area->maker == KF_BY_VMALLOC && area->state == KF_AREA_LIVE)
		sums->nr_pages += area->nr_frames;
}

/* Areas and gaps together cover [start, end) without a hole, and no gap could be melted with the next. */
static const char *cover_trouble(u64 start, u64 end)
{
	const struct kf_areas *as = kf_areas();
	bool after_gap = false;

	for (u64 at = start; at < end;) {
		const struct kf_range *area = kf_ranges_at(&as->areas, at);
		const struct kf_range *gap = kf_ranges_at(&as->gaps, at);

		if (area && gap)
			return "a virtual area overlaps a gap";
		if (!area && !gap)
			return "virtual address space belongs neither to an area nor to a gap";
		if ((area ? area : gap)->start != at)
			return "a virtual area overlaps a gap";
		if (gap && after_gap)
			return "two gaps touch";
		after_gap = gap;
		at = (area ? area : gap)->end;
		if (at > end)
			return "a virtual area leaves its range";
	}
	return NULL;
}

static u64 length_of(const struct kf_area *list)
{
	u64 n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

const char *kf_vmalloc_validate(void)
{
	const struct kf_layout *layout = kf_layout();
	const struct kf_areas *as = kf_areas();
	const char *wrong = kf_ranges_validate(&as->areas);
	struct sums sums = {0};

	if (!wrong)
		wrong = kf_ranges_validate(&as->gaps);
	for (const struct kf_range *r = kf_ranges_first(&as->areas); r && !wrong;
	     r = kf_range_next(r)) {
		wrong = area_trouble((const struct kf_area *)r);
		add_up((const struct kf_area *)r, &sums);
	}
	if (!wrong)
		wrong = cover_trouble(layout->vmalloc_start, layout->vmalloc_end);
	if (!wrong)
		wrong = cover_trouble(layout->module_start, layout->module_end);
	if (wrong)
		return wrong;
	if (sums.busy != as->busy || sums.nr_pages != as->nr_pages || sums.blocks != as->nr_blocks)
		return "counts of virtual areas are wrong";
	if (sums.dead != as->nr_dead || sums.lazy_pages != as->lazy_pages ||
	    sums.dead != length_of(as->dead))
		return "counts of dead virtual areas are wrong";
	return NULL;
}
