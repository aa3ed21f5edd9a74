// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas without memory, for those who map something into them themselves: get_vm_area() and its kin, and
 * pcpu_get_vm_areas(), of mm/vmalloc.c of 6.1.
 *
 * Areas of the per-CPU allocator lie at fixed distances from each other, one for each group of CPUs, and as high
 * as possible, out of the way of all others:
 *
 *	gaps	|----------|      |-------------------|  |---------------|
 *	areas				     |group 0|     |group 1|
 *					     ^ base + offset[0]
 */
#include "../core/state.h"

struct kf_vm *kf_get_vm_area(u64 size, u64 flags, u64 start, u64 end, const void *caller)
{
	struct kf_vmalloc_args args = {
		.size = size,
		.gfp = KF_GFP_KERNEL,
		.start = start,
		.end = end,
		.flags = flags,
		.caller = caller,
	};
	struct kf_request req = {.kind = KF_VMAP, .size = size, .gfp = KF_GFP_KERNEL};
	struct kf_area *area;

	if (!size || size > ~0ull - 2 * KF_PAGE_SIZE || !kf_permitted(&req))
		return NULL;
	area = kf_area_new(&args, KF_BY_GET_VM_AREA);
	if (!area)
		return NULL;
	kf_area_announce(area, size, req.gfp);
	return &area->vm;
}

/* vmalloc()'s frames would be nobody's when their area is taken away. */
#define REMOVABLE (KF_BY_GET_VM_AREA | KF_BY_VMAP | KF_BY_VMAP_PFN | KF_BY_IOREMAP)

void kf_free_vm_area(struct kf_vm *vm)
{
	struct kf_area *area =
		kf_area_claim(vm->addr, REMOVABLE, "free_vm_area of no area that can be removed");

	if (area)
		kf_area_free(area);
}

struct kf_vm *kf_remove_vm_area(const void *addr)
{
	struct kf_vm *copy, *vm = kf_find_vm_area(addr);
	struct kf_area *area;

	if (!vm)
		return NULL;
	area = kf_area_claim(vm->addr, REMOVABLE, "remove_vm_area of no area that can be removed");
	if (!area)
		return NULL;
	copy = kf_kmalloc(sizeof(*copy), KF_GFP_KERNEL | KF_GFP_NOFAIL);
	if (copy)
		*copy = area->vm;
	kf_area_free(area);
	return copy;
}

/* ---- areas of the per-CPU allocator ----------------------------------------------------------------------- */

struct group {
	const u64 *offsets, *sizes;
	unsigned n;
	u64 align, reach; /* from base to the end of the highest area */
};

static u64 reach_of(const struct group *g)
{
	u64 reach = 0;

	for (unsigned i = 0; i < g->n; i++)
		if (g->offsets[i] + g->sizes[i] > reach)
			reach = g->offsets[i] + g->sizes[i];
	return reach;
}

/* The highest base at or below `base` with area i in a gap; 0: there is none. */
static u64 lower_base(const struct group *g, unsigned i, u64 base)
{
	u64 start = base + g->offsets[i], end = start + g->sizes[i];
	const struct kf_range *gap = kf_ranges_upto(&kf_areas()->gaps, end - 1);

	for (; gap; gap = kf_range_prev(gap)) {
		u64 top = (gap->end < end ? gap->end : end) & ~(g->align - 1);

		if (top >= gap->start + g->sizes[i] && top >= g->offsets[i] + g->sizes[i])
			return top - g->sizes[i] - g->offsets[i];
	}
	return 0;
}

/* Pull the base down, area by area, until all of them fit at once; 0: they never do. */
static u64 find_base(const struct group *g)
{
	const struct kf_layout *layout = kf_layout();
	u64 lowest = kf_align_up(layout->vmalloc_start, g->align);
	u64 base = (layout->vmalloc_end & ~(g->align - 1)) - g->reach;
	unsigned fits = 0;

	for (unsigned i = 0; fits < g->n; i = (i + 1) % g->n) {
		u64 lower = lower_base(g, i, base);

		if (lower < lowest)
			return 0;
		fits = lower == base ? fits + 1 : 1;
		base = lower;
	}
	return base;
}

static bool claim_places(const struct group *g, struct kf_area **areas, u64 base)
{
	struct kf_areas *as = kf_areas();

	for (unsigned i = 0; i < g->n; i++) {
		struct kf_range *range = &areas[i]->range;

		range->start = base + g->offsets[i];
		range->end = range->start + g->sizes[i];
		if (kf_gap_take(range->start, range->end))
			continue;
		while (i--)
			kf_gap_give(areas[i]->range.start, areas[i]->range.end);
		return false;
	}
	for (unsigned i = 0; i < g->n; i++) {
		kf_ranges_insert(&as->areas, &areas[i]->range);
		as->busy++;
	}
	return true;
}

static bool find_places(const struct group *g, struct kf_area **areas)
{
	bool placed = false;

	for (int round = 0; round < 2 && !placed; round++) {
		u64 base;

		if (round)
			kf_vm_unmap_aliases();
		kf_lock(&kf_areas()->lock);
		base = find_base(g);
		placed = base && claim_places(g, areas, base);
		kf_unlock(&kf_areas()->lock);
	}
	return placed;
}

static bool new_records(struct kf_area **areas, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		areas[i] = kf_meta_alloc(sizeof(*areas[i]));
		if (!areas[i])
			return false;
		areas[i]->maker = KF_BY_PERCPU;
		areas[i]->prot = KF_PROT_KERNEL;
		areas[i]->vm.flags = KF_VM_ALLOC;
	}
	return true;
}

static void drop_records(struct kf_area **areas, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (areas[i])
			kf_area_drop(areas[i]);
}

static bool is_sane(const struct group *g)
{
	u64 wrong = g->align & (KF_PAGE_SIZE - 1);

	for (unsigned i = 0; i < g->n; i++)
		wrong |= (g->offsets[i] | g->sizes[i]) & (g->align - 1);
	if (!wrong && g->n && !(g->align & (g->align - 1)) &&
	    g->reach <= kf_layout()->vmalloc_end - kf_layout()->vmalloc_start)
		return true;
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
		"pcpu_get_vm_areas of areas that are not aligned, or of more than there is");
	return false;
}

bool kf_pcpu_get_vm_areas(const u64 *offsets, const u64 *sizes, unsigned n, u64 align,
			  struct kf_vm **vms)
{
	struct group g = {.offsets = offsets, .sizes = sizes, .n = n, .align = align};
	struct kf_area **areas;
	bool done;

	g.reach = reach_of(&g);
	if (!is_sane(&g))
		return false;
	areas = kf_meta_alloc(n * sizeof(*areas));
	if (!areas)
		return false;
	done = new_records(areas, n) && find_places(&g, areas);
	for (unsigned i = 0; done && i < n; i++) {
		areas[i]->vm.addr = (void *)areas[i]->range.start;
		areas[i]->vm.size = areas[i]->range.end - areas[i]->range.start;
		areas[i]->vm.caller = __builtin_return_address(0);
		areas[i]->state = KF_AREA_LIVE;
		vms[i] = &areas[i]->vm;
	}
	if (!done)
		drop_records(areas, n);
	kf_meta_free(areas, n * sizeof(*areas));
	return done;
}

void kf_pcpu_free_vm_areas(struct kf_vm **vms, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct kf_area *area = kf_area_claim(vms[i]->addr, KF_BY_PERCPU,
						     "pcpu_free_vm_areas of no such area");

		if (!area)
			continue;
		kf_unmap(area->range.start, kf_area_bytes(area));
		kf_area_bury(area);
	}
}
