// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where areas lie: mm/vmalloc.c of 6.1, from alloc_vmap_area() to free_vmap_area().
 *
 *	areas	|area 1|g|area 2|g|  dead  |g|       |area 4|g|
 *	gaps	                             |-------|          |------------------|
 *
 * A new area goes to the lowest gap that is large enough, size and alignment together, and takes a
 * piece of it: all of it, its left or right edge, or its middle. Space comes back to the gaps only with a purge
 * (lazy.c), where it melts together with its neighbours. When no gap is left: purge, try again; ask the hook
 * `vmap_purge` (the kernel's chain of purge notifiers), try again as long as that frees something; then fail.
 *
 * Both ranges of the layout, vmalloc and modules, are in the same two trees.
 *
 * Lock: areas->lock, for trees, lists and counts. Records of areas belong to whoever allocates or frees them:
 * kf_area_claim() decides under the lock who that is when two try. No hook is called with it held.
 */
#include "../core/state.h"

#define LONGEST_ALIGN 63 /* get_count_order_long() knows no more */
#define IOREMAP_MIN   KF_PAGE_SHIFT
#define IOREMAP_MAX   30 /* IOREMAP_MAX_ORDER of x86-64: PUD_SHIFT */

struct kf_areas *kf_areas(void)
{
	return &kf_state()->areas;
}

void kf_vmalloc_init(void)
{
	const struct kf_layout *layout = kf_layout();

	kf_gap_give(layout->vmalloc_start, layout->vmalloc_end);
	kf_gap_give(layout->module_start, layout->module_end);
	kf_blocks_init();
}

/* ---- gaps ---------------------------------------------------------------------------------------------- */

static bool new_gap(u64 start, u64 end)
{
	struct kf_range *gap = kf_meta_alloc(sizeof(*gap));

	if (!gap)
		return false;
	gap->start = start;
	gap->end = end;
	kf_ranges_insert(&kf_areas()->gaps, gap);
	return true;
}

static void drop_gap(struct kf_range *gap)
{
	kf_ranges_remove(&kf_areas()->gaps, gap);
	kf_meta_free(gap, sizeof(*gap));
}

bool kf_gap_take(u64 start, u64 end)
{
	struct kf_range *gap = kf_ranges_at(&kf_areas()->gaps, start);
	u64 gap_end = gap->end;

	if (gap->start == start && gap_end == end) {
		drop_gap(gap);
		return true;
	}
	if (gap->start == start) {
		kf_range_resize(gap, end, gap_end);
		return true;
	}
	if (gap_end != end) {
		/* Make room first, so that the new one overlaps nothing; then see whether there is memory for it. */
		kf_range_resize(gap, gap->start, start);
		if (new_gap(end, gap_end))
			return true;
		kf_range_resize(gap, gap->start, gap_end);
		return false;
	}
	kf_range_resize(gap, gap->start, start);
	return true;
}

bool kf_gap_give(u64 start, u64 end)
{
	struct kf_range *next = kf_ranges_from(&kf_areas()->gaps, start);
	struct kf_range *prev = kf_ranges_upto(&kf_areas()->gaps, start);
	bool joins_prev = prev && prev->end == start, joins_next = next && next->start == end;

	if (start == end)
		return true;
	if (joins_prev && joins_next) {
		end = next->end;
		drop_gap(next);
		kf_range_resize(prev, prev->start, end);
	} else if (joins_prev) {
		kf_range_resize(prev, prev->start, end);
	} else if (joins_next) {
		kf_range_resize(next, start, next->end);
	} else {
		return new_gap(start, end);
	}
	return true;
}

/* The lowest aligned address at or above `from` where `bytes` fit into this gap; 0: they do not. */
static u64 fit(const struct kf_range *gap, u64 bytes, u64 align, u64 from)
{
	u64 va = gap->start > from ? gap->start : from, aligned = kf_align_up(va, align);

	if (aligned < va || aligned + bytes < aligned || aligned + bytes > gap->end)
		return 0;
	return aligned;
}

/*
 * The lowest address for `bytes` in [start, end), or 0. As in the kernel, a search with an alignment looks for
 * a gap in which that many bytes fit wherever it begins, unless the window is no larger than the request. The first
 * gap, which the window may cut, is tried as it is.
 */
static u64 lowest(u64 bytes, u64 align, u64 start, u64 end)
{
	const struct kf_ranges *gaps = &kf_areas()->gaps;
	u64 length = align > KF_PAGE_SIZE && end - start != bytes ? bytes + align - 1 : bytes;
	const struct kf_range *gap = kf_ranges_from(gaps, start);
	u64 va = gap ? fit(gap, bytes, align, start) : 0;

	if (!va && gap && length >= bytes) {
		gap = kf_ranges_next_of(gaps, gap, length);
		va = gap ? fit(gap, bytes, align, start) : 0;
	}
	return va && va + bytes <= end ? va : 0;
}

/* ---- areas ---------------------------------------------------------------------------------------------- */

struct window {
	u64 start, end;
};

static bool clip(struct window *window, u64 start, u64 end)
{
	window->start = window->start > start ? window->start : start;
	window->end = window->end < end ? window->end : end;
	return window->start < window->end;
}

/* What the caller's bounds leave of our two ranges; empty when they miss both. */
static struct window window_of(const struct kf_vmalloc_args *args)
{
	const struct kf_layout *layout = kf_layout();
	struct window asked = {args->start, args->end}, window = asked;

	if (!args->start && !args->end)
		return (struct window){layout->vmalloc_start, layout->vmalloc_end};
	if (clip(&window, layout->vmalloc_start, layout->vmalloc_end))
		return window;
	window = asked;
	if (clip(&window, layout->module_start, layout->module_end))
		return window;
	return (struct window){0, 0};
}

/* Device mappings are aligned to their size, so that large pages could be used for them. */
static u64 alignment(const struct kf_vmalloc_args *args)
{
	unsigned order = args->size > 1 ? 64 - (unsigned)__builtin_clzll(args->size - 1) : 0;

	if (args->flags & KF_VM_IOREMAP) {
		order = order < IOREMAP_MIN ? IOREMAP_MIN : order;
		return 1ull << (order > IOREMAP_MAX ? IOREMAP_MAX : order);
	}
	return args->align < KF_PAGE_SIZE ? KF_PAGE_SIZE : args->align;
}

static bool place(struct kf_area *area, u64 bytes, u64 align, const struct window *window)
{
	struct kf_areas *as = kf_areas();
	u64 va = lowest(bytes, align, window->start, window->end);

	if (!va || !kf_gap_take(va, va + bytes))
		return false;
	area->range.start = va;
	area->range.end = va + bytes;
	kf_ranges_insert(&as->areas, &area->range);
	as->busy++;
	return true;
}

static bool locked_place(struct kf_area *area, u64 bytes, u64 align, const struct window *window)
{
	bool placed;

	kf_lock(&kf_areas()->lock);
	placed = place(area, bytes, align, window);
	kf_unlock(&kf_areas()->lock);
	return placed;
}

/* Everything that may make room, in the kernel's order; false: nothing did. */
static bool find_place(struct kf_area *area, u64 bytes, u64 align, const struct window *window)
{
	do {
		if (locked_place(area, bytes, align, window))
			return true;
		kf_vm_unmap_aliases();
		if (locked_place(area, bytes, align, window))
			return true;
	} while (kf_hooks.vmap_purge());
	return false;
}

struct kf_area *kf_area_new(const struct kf_vmalloc_args *args, enum kf_maker maker)
{
	struct window window = window_of(args);
	struct kf_area *area = kf_meta_alloc(sizeof(*area));
	u64 bytes = kf_pages_of(args->size) << KF_PAGE_SHIFT;

	if (!area)
		return NULL;
	area->maker = (u16)maker;
	area->prot = (u8)args->prot;
	area->guard = !(maker & KF_WITHOUT_VM) && !(args->flags & KF_VM_NO_GUARD);
	bytes += area->guard ? KF_PAGE_SIZE : 0;
	if (!find_place(area, bytes, alignment(args), &window)) {
		kf_meta_free(area, sizeof(*area));
		if (!(args->gfp & KF_GFP_NOWARN))
			kf_log(4,
			       "vmap allocation for size %llu failed: use vmalloc=<size> "
			       "to increase size",
			       (unsigned long long)bytes);
		return NULL;
	}
	area->vm.addr = (void *)area->range.start;
	area->vm.size = bytes;
	area->vm.flags = args->flags;
	area->vm.caller = args->caller;
	return area;
}

void kf_area_drop(struct kf_area *area)
{
	if (area->maker == KF_BY_BLOCK)
		kf_block_drop(area->block);
	kf_meta_free(area->frames, area->nr_frames * sizeof(*area->frames));
	kf_meta_free(area, sizeof(*area));
}

/* ---- which one is meant ----------------------------------------------------------------------------------- */

struct kf_area *kf_area_at(u64 va)
{
	struct kf_range *range = kf_ranges_at(&kf_areas()->areas, va);
	struct kf_area *area = range ? kf_area_of(range) : NULL;

	if (area && area->maker == KF_BY_BLOCK)
		return kf_block_part(area->block, va, false);
	return area;
}

struct kf_area *kf_area_from(u64 va)
{
	struct kf_range *range = kf_ranges_from(&kf_areas()->areas, va);

	for (; range; range = kf_range_next(range)) {
		struct kf_area *area = kf_area_of(range);

		if (area->maker == KF_BY_BLOCK)
			area = kf_block_part(area->block, va, true);
		if (area)
			return area;
	}
	return NULL;
}

/* vfree() has it on its list: for the caller it is freed. */
static bool is_deferred(const void *addr)
{
	const struct kf_area *area;
	bool deferred;

	kf_lock(&kf_areas()->lock);
	area = kf_area_at((u64)(uintptr_t)addr);
	deferred = area && area->deferred;
	kf_unlock(&kf_areas()->lock);
	return deferred;
}

void kf_area_told_bad(const void *addr, const char *what)
{
	struct kf_object obj;
	bool known = kf_object_at(addr, &obj);
	enum kf_bug_kind kind = KF_BUG_INVALID_FREE;

	if (known && addr == obj.addr)
		kind = obj.live && !is_deferred(addr) ? KF_BUG_WRONG_FAMILY : KF_BUG_DOUBLE_FREE;
	if (known && obj.kind != KF_VMALLOC && obj.kind != KF_VMAP)
		kind = KF_BUG_WRONG_FAMILY;
	kf_log(3, "%s (%016llx)", what, (unsigned long long)(uintptr_t)addr);
	kf_tell(kind, addr, known ? &obj : NULL, NULL, what);
}

static struct kf_area *claim(u64 va, unsigned makers)
{
	struct kf_area *area = kf_area_at(va);

	if (!area || area->state != KF_AREA_LIVE || area->range.start != va ||
	    !(area->maker & makers) || area->deferred)
		return NULL;
	area->state = KF_AREA_LEAVING;
	return area;
}

struct kf_area *kf_area_claim(const void *addr, unsigned makers, const char *what)
{
	struct kf_area *area;

	kf_lock(&kf_areas()->lock);
	area = claim((u64)(uintptr_t)addr, makers);
	kf_unlock(&kf_areas()->lock);
	if (!area)
		kf_area_told_bad(addr, what);
	return area;
}

/* ---- looking areas up ---------------------------------------------------------------------------------------- */

static struct kf_area *busy_at(const void *addr)
{
	struct kf_range *range = kf_ranges_at(&kf_areas()->areas, (u64)(uintptr_t)addr);
	struct kf_area *area = range ? kf_area_of(range) : NULL;

	return area && area->state != KF_AREA_DEAD ? area : NULL;
}

bool kf_find_vmap_area(const void *addr, u64 *start, u64 *end, struct kf_vm **vm)
{
	struct kf_area *area;

	kf_lock(&kf_areas()->lock);
	area = busy_at(addr);
	if (area) {
		*start = area->range.start;
		*end = area->range.end;
		*vm = area->maker & KF_WITHOUT_VM ? NULL : &area->vm;
	}
	kf_unlock(&kf_areas()->lock);
	return area;
}

struct kf_vm *kf_find_vm_area(const void *addr)
{
	struct kf_vm *vm;
	u64 start, end;

	return kf_find_vmap_area(addr, &start, &end, &vm) ? vm : NULL;
}
