// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about areas, and what /proc/vmallocinfo says (s_show() and show_purge_info() of mm/vmalloc.c of 6.1). Listings take
 * the lock for each line and not for all, so whoever is told a line may allocate.
 */
#include "../core/state.h"

bool kf_is_vmalloc_addr(const void *addr)
{
	u64 va = (u64)(uintptr_t)addr;

	return va >= kf_layout()->vmalloc_start && va < kf_layout()->vmalloc_end;
}

bool kf_is_vmalloc_or_module_addr(const void *addr)
{
	u64 va = (u64)(uintptr_t)addr;

	return kf_is_vmalloc_addr(addr) ||
	       (va >= kf_layout()->module_start && va < kf_layout()->module_end);
}

void kf_module_range(u64 *start, u64 *end)
{
	*start = kf_layout()->module_start;
	*end = kf_layout()->module_end;
}

u64 kf_vmalloc_nr_pages(void)
{
	return __atomic_load_n(&kf_areas()->nr_pages, __ATOMIC_RELAXED);
}

struct page *kf_vmalloc_to_page(const void *addr)
{
	u64 pfn = kf_mapped_frame(addr);

	if (pfn == KF_NO_PFN)
		return NULL;
	/* Who asks may write at the one address what others read at the other. */
	kf_tell_bytes(kf_frame_virt(pfn), KF_PAGE_SIZE, KF_BYTES_KNOWN);
	kf_tell_bytes((void *)((uintptr_t)addr & KF_PAGE_MASK), KF_PAGE_SIZE, KF_BYTES_KNOWN);
	return kf_pfn_to_page(pfn);
}

bool kf_vmalloc_dump_obj(const void *object)
{
	const void *page = (void *)kf_align_up((u64)(uintptr_t)object, KF_PAGE_SIZE);
	const struct kf_vm *vm = kf_find_vm_area(page);

	if (!vm)
		return false;
	kf_log(6, " %u-page vmalloc region starting at %#llx allocated at %#llx", vm->nr_pages,
	       (unsigned long long)(uintptr_t)vm->addr, (unsigned long long)(uintptr_t)vm->caller);
	return true;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static bool is_readable(u64 va, bool *met)
{
	const struct kf_vm *vm = kf_find_vm_area((void *)va);

	*met |= vm != NULL;
	return vm && !(vm->flags & KF_VM_IOREMAP);
}

size_t kf_vread(void *to, const void *addr, size_t size)
{
	u64 va = (u64)(uintptr_t)addr;
	bool met = false;

	for (size_t done = 0, n; done < size; done += n) {
		u64 offset = (va + done) & ~KF_PAGE_MASK;
		const struct page *page = kf_vmalloc_to_page((void *)(va + done));

		n = KF_PAGE_SIZE - offset < size - done ? KF_PAGE_SIZE - offset : size - done;
		if (is_readable(va + done, &met) && page)
			memcpy((char *)to + done,
			       (char *)kf_frame_virt(kf_page_to_pfn(page)) + offset, n);
		else
			memset((char *)to + done, 0, n);
	}
	return met ? size : 0;
}

/* ---- /proc/vmallocinfo -------------------------------------------------------------------------------- */

static void fill_line(const struct kf_area *area, struct kf_area_info *out)
{
	bool has_vm = !(area->maker & KF_WITHOUT_VM);

	*out = (struct kf_area_info){
		.line = has_vm ? KF_AREA_VM : KF_AREA_MAP_RAM,
		.start = area->range.start,
		.end = area->range.end,
		.alloc_tag = area->alloc_tag,
	};
	if (!has_vm)
		return;
	out->flags = area->vm.flags;
	out->caller = area->vm.caller;
	out->nr_pages = area->vm.nr_pages;
	out->phys = area->vm.phys_addr;
	out->vpages = area->maker == KF_BY_VMALLOC
			      ? area->nr_frames * sizeof(*area->frames) > KF_PAGE_SIZE
			      : kf_is_vmalloc_addr(area->vm.pages);
}

/* The first area from va on that is dead, or that is not. */
static const struct kf_area *next_area(u64 va, bool dead)
{
	const struct kf_range *range = kf_ranges_from(&kf_areas()->areas, va);

	while (range && (((struct kf_area *)range)->state == KF_AREA_DEAD) != dead)
		range = kf_range_next(range);
	return (const struct kf_area *)range;
}

static bool busy_line(u64 va, struct kf_area_info *out)
{
	const struct kf_area *area = next_area(va, false);

	if (area)
		fill_line(area, out);
	return area;
}

/* Neighbours in the kernel's tree of areas that wait for a purge are one. */
static bool unpurged_line(u64 va, struct kf_area_info *out)
{
	const struct kf_area *area = next_area(va, true), *next = area;

	if (!area)
		return false;
	*out = (struct kf_area_info){.line = KF_AREA_UNPURGED, .start = area->range.start};
	while (next && next->state == KF_AREA_DEAD &&
	       (next == area || next->range.start == out->end)) {
		out->end = next->range.end;
		next = (const struct kf_area *)kf_range_next(&next->range);
	}
	return true;
}

static bool locked_line(bool (*line)(u64 va, struct kf_area_info *out), u64 va,
			struct kf_area_info *out)
{
	bool there;

	kf_lock(&kf_areas()->lock);
	there = line(va, out);
	kf_unlock(&kf_areas()->lock);
	return there;
}

void kf_vmalloc_for_each_area(void (*fn)(const struct kf_area_info *area, void *arg), void *arg)
{
	struct kf_area_info info;

	for (u64 va = 0; locked_line(busy_line, va, &info); va = info.end)
		fn(&info, arg);
	for (u64 va = 0; locked_line(unpurged_line, va, &info); va = info.end)
		fn(&info, arg);
}

void kf_vmalloc_stat(struct kf_vmalloc_stat *out)
{
	struct kf_areas *as = kf_areas();

	kf_lock(&as->lock);
	*out = (struct kf_vmalloc_stat){
		.total = kf_layout()->vmalloc_end - kf_layout()->vmalloc_start,
		.nr_pages = as->nr_pages,
		.busy = as->busy,
		.dead = as->nr_dead,
		.lazy_pages = as->lazy_pages,
		.lazy_max = kf_lazy_max(),
		.largest_gap = as->gaps.root ? as->gaps.root->max : 0,
		.blocks = as->nr_blocks,
	};
	kf_unlock(&as->lock);
}
