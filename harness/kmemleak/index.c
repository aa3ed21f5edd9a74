// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an address to the object around it, for one scan. A tree, as the kernel has, costs a walk for each word that looks
 * like a pointer; here it is a table by page, a division, and a table by slot:
 *
 *	address --page--> entry --> run: first, stride, slots, id --slot--> slots[id + slot]: pointers missing, flags
 *
 * A run is a slab, or one object that is none of a slab: a large kmalloc(), an area of vmalloc(), a record. Where
 * several lie in one page (records in a slab's page, by hand in a page of someone), the entry leads to a
 * chain of them. Tables are mapped once and only touched where objects are; kml_index_drop() clears what was.
 *
 *	slot_count == sum of the runs' slots;  run.id + run.slots <= the next run's id
 */
#include "internal.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define RUNS_MAX      (1u << 22)
#define SLOTS_MAX     (1u << 28)
#define CELLS_MAX     (1u << 20)
#define ELSEWHERE_MAX 1024

struct kml_index kml_index;
struct kml_window kml_windows[KML_WINDOWS];
const struct kml_cell *kml_cells;
bool kml_elsewhere;

static struct kml_cell *cells;
static uint32_t cell_count;
static uint64_t end_of_objects;
static bool overflowed;
/* Runs that have pages outside of the windows. */
static uint32_t elsewhere[ELSEWHERE_MAX];
static unsigned elsewhere_count;

/* ---- tables ------------------------------------------------------------------------------------------------ */

static void open_window(int i, uint64_t base, uint64_t end)
{
	struct kml_window *w = &kml_windows[i];

	if (w->entries && w->base == base && w->size == end - base)
		return;
	*w = (struct kml_window){base, end - base, kml_table((end - base) / KF_PAGE_SIZE * 4)};
}

static void open_tables(void)
{
	const struct kf_layout *l = kf_layout();

	open_window(0, l->direct_map, l->direct_map + l->phys_end);
	open_window(1, l->vmalloc_start, l->vmalloc_end);
	open_window(2, l->meta, l->meta + l->meta_size);
	if (kml_index.runs)
		return;
	kml_index.runs = kml_table(RUNS_MAX * sizeof(*kml_index.runs));
	kml_index.slots = kml_table(SLOTS_MAX * sizeof(*kml_index.slots));
	kml_cells = cells = kml_table(CELLS_MAX * sizeof(*cells));
}

static uint32_t *entry_at(uint64_t addr)
{
	for (int i = 0; i < KML_WINDOWS; i++)
		if (addr - kml_windows[i].base < kml_windows[i].size)
			return &kml_windows[i]
					.entries[(addr - kml_windows[i].base) >> KF_PAGE_SHIFT];
	return NULL;
}

static void chain(uint32_t *entry, uint32_t run)
{
	if (cell_count + 2 > CELLS_MAX) {
		overflowed = true;
		return;
	}
	if (!(*entry & ENTRY_CHAIN)) {
		cells[++cell_count] = (struct kml_cell){*entry, 0};
		*entry = cell_count | ENTRY_CHAIN;
	}
	cells[++cell_count] = (struct kml_cell){run, *entry & ~ENTRY_CHAIN};
	*entry = cell_count | ENTRY_CHAIN;
}

static void enter_elsewhere(uint32_t run)
{
	kml_elsewhere = true;
	if (elsewhere_count && elsewhere[elsewhere_count - 1] == run)
		return;
	if (elsewhere_count == ELSEWHERE_MAX)
		overflowed = true;
	else
		elsewhere[elsewhere_count++] = run;
}

/* The run has part in these pages. */
static void enter(uint64_t start, uint64_t end, uint32_t run)
{
	for (uint64_t page = start & KF_PAGE_MASK; page < end; page += KF_PAGE_SIZE) {
		uint32_t *entry = entry_at(page);

		if (!entry)
			enter_elsewhere(run);
		else if (!*entry)
			*entry = run;
		else
			chain(entry, run);
	}
}

static struct kml_run *add_run(const struct kml_run *like, uint64_t start, uint64_t end)
{
	struct kml_run *run = &kml_index.runs[kml_index.run_count];

	if (kml_index.run_count + 1 >= RUNS_MAX || like->slots > SLOTS_MAX - kml_index.slot_count) {
		overflowed = true;
		return NULL;
	}
	*run = *like;
	run->id = kml_index.slot_count;
	run->inverse = (uint32_t)(((1ull << 32) + like->stride - 1) / like->stride);
	run->lead = (uint16_t)((like->first >> KF_PAGE_SHIFT) - (start >> KF_PAGE_SHIFT));
	run->pages = (uint32_t)(((end - 1) >> KF_PAGE_SHIFT) - (start >> KF_PAGE_SHIFT) + 1);
	kml_index.slot_count += like->slots;
	enter(start, end, ++kml_index.run_count);
	if (start < kml_index.min)
		kml_index.min = start;
	if (end > end_of_objects)
		end_of_objects = end;
	return run;
}

/* ---- slabs ------------------------------------------------------------------------------------------------- */

static void fill(uint16_t *slots, uint32_t n, uint16_t value)
{
	for (uint32_t i = 0; i < n; i++)
		slots[i] = value;
}

static void set_live(const struct kf_extent *extent, uint16_t *slots, uint16_t value)
{
	static uint8_t live[1 << 16]; /* too large for the stack of a program */

	kf_extent_live(extent, live);
	for (uint32_t i = 0; i < extent->slots; i++) {
		slots[i] = live[i] ? value : 0;
		kml_index.objects += live[i];
	}
}

static void add_slab(const struct kf_extent *extent, void *arg)
{
	const struct kml_run like = {
		.first = extent->first,
		.size = extent->object_size,
		.stride = extent->stride,
		.slots = extent->slots,
		.slab = extent->slab,
	};
	struct kml_run *run;
	uint16_t *slots;

	if (kf_cache_flags(extent->cache) & KF_SLAB_NOLEAKTRACE)
		return;
	run = add_run(&like, extent->start, extent->start + extent->size);
	if (!run)
		return;
	slots = &kml_index.slots[run->id];
	if (!extent->full) {
		set_live(extent, slots, SLOT_LIVE | SLOT_SCAN | 1);
		return;
	}
	fill(slots, extent->slots, SLOT_LIVE | SLOT_SCAN | 1);
	kml_index.objects += extent->slots;
}

/* ---- single objects ---------------------------------------------------------------------------------------- */

static struct kml_run *add_one(uint64_t start, uint64_t size, uint16_t flags, uint16_t state)
{
	const struct kml_run like = {.first = start,
				     .size = size,
				     .stride = 1u << 31, /* one slot: never divided by */
				     .slots = 1,
				     .flags = flags};
	struct kml_run *run = add_run(&like, start, start + size);

	if (!run)
		return NULL;
	run->inverse = 0;
	kml_index.slots[run->id] = state;
	kml_index.objects += state & SLOT_LIVE ? 1 : 0;
	return run;
}

static void add_large(uint64_t pfn, uint64_t frames, enum kf_frame_use use, void *arg)
{
	struct kf_object object;
	uint64_t start = (uint64_t)kf_frame_virt(pfn);

	if (use != KF_USE_LARGE || !kf_object_at((void *)start, &object) || !object.live)
		return;
	add_one(start, object.size, 0, SLOT_LIVE | SLOT_SCAN | 1);
}

/* Its struct vm_struct holds the address too, as in the kernel: so two pointers are wanted. Pointers to the vm_struct count
 * for the area. */
static void add_area(const struct kf_object *area, void *arg)
{
	uint64_t start = (uint64_t)area->addr;
	struct kml_run *vm;

	if (area->kind != KF_VMALLOC || !kf_is_vmalloc_addr(area->addr))
		return;
	add_one(start, (area->size + KF_PAGE_SIZE - 1) & KF_PAGE_MASK, RUN_VMALLOC,
		SLOT_LIVE | SLOT_SCAN | 2);
	vm = add_one((uint64_t)kf_find_vm_area(area->addr), sizeof(struct kf_vm), RUN_VM, 0);
	if (vm)
		vm->excess_ref = start;
}

/* ---- records ----------------------------------------------------------------------------------------------- */

static uint16_t missing(const struct kml_object *object)
{
	if (object->min_count <= 0)
		return 0;
	return (uint16_t)(object->min_count < SLOT_MISSING ? object->min_count : SLOT_MISSING);
}

static uint16_t state_of(const struct kml_object *object)
{
	return missing(object) | SLOT_LIVE | SLOT_SPECIAL |
	       (object->flags & OBJECT_NO_SCAN || object->min_count == COUNT_BLACK ? 0 : SLOT_SCAN);
}

static bool is_area(uint64_t addr)
{
	const struct kf_layout *l = kf_layout();

	return addr >= l->vmalloc_start && addr < l->vmalloc_end;
}

/* The slot of the allocators' object that a record is about; NULL: it is in no cache that is watched. */
static uint16_t *slot_of(uint64_t addr)
{
	uint32_t slot;
	const struct kml_run *run = kml_index_find(addr, &slot);

	return run ? &kml_index.slots[run->id + slot] : NULL;
}

static void apply_about(struct kml_object *object)
{
	uint16_t *state = slot_of(object->range.start);

	if (state && *state & SLOT_LIVE)
		*state = state_of(object);
}

/* First: what the allocators' objects come to. Parts and what is gone take the object away. */
static void apply(struct kml_object *object, void *arg)
{
	struct kf_object whole;
	uint16_t *state;

	if (object->what == KML_BY_HAND)
		return;
	if (object->what == KML_ABOUT) {
		apply_about(object);
		return;
	}
	if (!kf_object_at((void *)object->range.start, &whole))
		return;
	state = slot_of((uint64_t)whole.addr);
	if (state && *state & SLOT_LIVE) {
		*state = 0;
		kml_index.objects--;
	}
}

static void add_record(struct kml_object *object, void *arg)
{
	uint64_t start = object->range.start;
	struct kml_run *run;

	if (object->what != KML_BY_HAND && object->what != KML_PART)
		return;
	run = add_one(start, object->range.end - start, is_area(start) ? RUN_VMALLOC : 0,
		      state_of(object));
	if (run)
		run->record = object;
}

/* ---- all ------------------------------------------------------------------------------------------------------ */

bool kml_index_build_with(uint64_t addr, uint64_t size)
{
	open_tables();
	kml_index_drop();
	kml_index.objects = 0;
	kml_index.min = UINT64_MAX;
	end_of_objects = 0;
	cell_count = elsewhere_count = 0;
	kml_elsewhere = overflowed = false;
	kf_extents_for_each(add_slab, NULL);
	kf_frames_for_each(add_large, NULL);
	kf_vmalloc_for_each(add_area, NULL);
	kml_for_each(apply, NULL);
	kml_for_each(add_record, NULL);
	if (size)
		add_one(addr, size, 0, SLOT_LIVE | 1);
	kml_index.span = end_of_objects > kml_index.min ? end_of_objects - kml_index.min : 0;
	if (!overflowed)
		return true;
	kml_index_drop();
	kml_stop("there are more objects than kmemleak has room for");
	return false;
}

bool kml_index_build(void)
{
	return kml_index_build_with(0, 0);
}

void kml_index_drop(void)
{
	for (uint32_t i = 0; i < kml_index.run_count; i++) {
		const struct kml_run *run = &kml_index.runs[i];
		uint64_t at = (run->first & KF_PAGE_MASK) - run->lead * KF_PAGE_SIZE;

		for (uint32_t k = 0; k < run->pages; k++, at += KF_PAGE_SIZE)
			if (entry_at(at))
				*entry_at(at) = 0;
	}
	kml_index.run_count = kml_index.slot_count = 0;
	kml_index.generation++;
}

static bool run_holds(const struct kml_run *run, uint64_t addr, uint32_t *slot)
{
	uint64_t offset = addr - run->first;
	uint32_t i = run->slots == 1 ? 0 : (uint32_t)(offset * run->inverse >> 32);

	*slot = i;
	return addr >= run->first && i < run->slots && addr - kml_slot_address(run, i) < run->size;
}

/* In a chain, a record comes before the slab that it was cut out of. */
static const struct kml_run *find_in_chain(uint32_t cell, uint64_t addr, uint32_t *slot)
{
	for (; cell; cell = cells[cell].next) {
		const struct kml_run *run = &kml_index.runs[cells[cell].run - 1];

		if (run_holds(run, addr, slot) &&
		    (kml_index.slots[run->id + *slot] & SLOT_LIVE || run->flags & RUN_VM))
			return run;
	}
	return NULL;
}

static const struct kml_run *find_elsewhere(uint64_t addr, uint32_t *slot)
{
	for (unsigned i = 0; i < elsewhere_count; i++) {
		const struct kml_run *run = &kml_index.runs[elsewhere[i] - 1];

		if (run_holds(run, addr, slot))
			return run;
	}
	return NULL;
}

const struct kml_run *kml_index_find(uint64_t addr, uint32_t *slot)
{
	const uint32_t *entry = entry_at(addr);
	const struct kml_run *run;

	if (!entry)
		return kml_elsewhere ? find_elsewhere(addr, slot) : NULL;
	if (!*entry)
		return NULL;
	if (*entry & ENTRY_CHAIN)
		return find_in_chain(*entry & ~ENTRY_CHAIN, addr, slot);
	run = &kml_index.runs[*entry - 1];
	return run_holds(run, addr, slot) ? run : NULL;
}

const struct kml_run *kml_index_run_of(uint32_t id)
{
	uint32_t low = 0, high = kml_index.run_count;

	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		if (kml_index.runs[middle].id <= id)
			low = middle;
		else
			high = middle;
	}
	return &kml_index.runs[low];
}
