// SPDX-License-Identifier: GPL-2.0-only
/*
 * What modules say: include/linux/kmemleak.h, with the rules and the words of mm/kmemleak.c of 6.1. What the kernel's allocators
 * register by themselves is not said here: the allocators are asked when it matters.
 *
 * An object of the allocators that a module takes away from kmemleak (kmemleak_free(), kmemleak_free_part()) leaves
 * records behind which say so for as long as it lives: KML_PART for what is still watched, KML_GONE for the rest.
 */
#include "internal.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"

#define MAX_ERRNO 4095

static bool is_object(const void *ptr)
{
	return !kml_state.disabled && ptr && (uintptr_t)ptr < (uintptr_t)-MAX_ERRNO;
}

/* An object of the allocators in [start, end) that kmemleak has not been told to forget. */
static bool overlaps_allocated(uint64_t start, uint64_t end, struct kf_object *out)
{
	for (uint64_t at = start; at < end; at = (at & KF_PAGE_MASK) + KF_PAGE_SIZE)
		if (kml_allocated_at(at, out) && !kml_find(at))
			return true;
	return kml_allocated_at(end - 1, out) && !kml_find(end - 1);
}

/* A new record says who made it. */
static struct kml_object *sign(struct kml_object *object, int min_count)
{
	struct kml_task task;

	if (!object)
		return NULL;
	kml_task_now(&task);
	object->min_count = min_count;
	object->stack = kml_stack_now();
	object->jiffies = task.jiffies;
	object->pid = task.pid;
	memcpy(object->comm, task.comm, sizeof(object->comm));
	return object;
}

static void still_gone(const struct kml_object *whole, uint64_t start, uint64_t end)
{
	if (start < end)
		kml_insert(start, end - start, KML_GONE, whole->seq);
}

/* In memory that kmemleak was told to forget: it is watched again, as far as it goes. */
static struct kml_object *take_back(struct kml_object *gone, uint64_t start, uint64_t end)
{
	struct kml_object whole = *gone;

	kml_remove(gone);
	still_gone(&whole, whole.range.start, start);
	still_gone(&whole, end, whole.range.end);
	return kml_insert(start, end - start, KML_PART, whole.seq);
}

static struct kml_object *create(uint64_t start, uint64_t size, int min_count)
{
	struct kml_object *there = kml_find(start);
	struct kf_object other;

	if (there && there->what == KML_GONE && start + size <= there->range.end)
		return sign(take_back(there, start, start + size), min_count);
	/* The record about it is what kml_insert() complains about. */
	if (overlaps_allocated(start, start + size, &other))
		kml_about((uint64_t)other.addr, false);
	return sign(kml_insert(start, size, KML_BY_HAND, 0), min_count);
}

void kml_alloc(const void *ptr, size_t size, int min_count)
{
	if (is_object(ptr) && size)
		create((uint64_t)ptr, size, min_count);
}

/* The allocators know their areas, and scan them: each CPU's part is grey. */
void kml_alloc_percpu(uint64_t cookie, size_t size)
{
	struct kf_object area;

	if (kml_state.disabled || !cookie || kf_percpu_object(cookie, &area))
		return;
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		kml_alloc(kf_per_cpu_ptr(cookie, cpu), size, 0);
}

void kml_free_percpu(uint64_t cookie)
{
	struct kf_object area;

	if (kml_state.disabled || !cookie || kf_percpu_object(cookie, &area))
		return;
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		kml_free(kf_per_cpu_ptr(cookie, cpu));
}

static void warn_unknown(const char *what, uint64_t ptr, const char *as)
{
	kml_log(4, "%s unknown object at 0x%08lx%s", what, (unsigned long)ptr, as);
	kml_log_stack();
}

/* lookup_object() with alias 0: an address inside of an object is told. */
static struct kml_object *find_start(uint64_t ptr)
{
	struct kml_object *object = kml_about(ptr, true);

	if (!object || object->range.start == ptr)
		return object;
	kml_log(4, "Found object by alias at 0x%08lx", (unsigned long)ptr);
	kml_log_stack();
	kml_dump(object);
	return NULL;
}

void kml_vmalloc(const void *vm_struct, const void *addr, size_t size)
{
	struct kml_object *block, *vm;

	if (!is_object(addr) || !size)
		return;
	block = create((uint64_t)addr, size, 2);
	vm = block ? find_start((uint64_t)vm_struct) : NULL;
	if (!vm) {
		if (block)
			warn_unknown("Setting excess_ref on", (uint64_t)vm_struct, "");
		return;
	}
	kml_touch(vm);
	vm->excess_ref = (uint64_t)addr;
}

/* The whole record goes; of an object of the allocators the fact stays that it is not watched. */
static void forget(struct kml_object *object)
{
	uint64_t start = object->range.start, size = object->range.end - start;
	enum kml_what what = object->what;
	uint64_t seq = object->seq;

	kml_remove(object);
	if (what != KML_BY_HAND)
		kml_insert(start, size, KML_GONE, seq);
}

void kml_free(const void *ptr)
{
	struct kml_object *object = is_object(ptr) ? find_start((uint64_t)ptr) : NULL;

	if (object)
		forget(object);
}

static void keep_part(const struct kml_object *whole, uint64_t start, uint64_t end)
{
	enum kml_what what = whole->what == KML_BY_HAND ? KML_BY_HAND : KML_PART;

	sign(kml_insert(start, end - start, what, whole->seq), whole->min_count);
}

void kml_free_part(const void *ptr, size_t size)
{
	struct kml_object *object = is_object(ptr) ? kml_about((uint64_t)ptr, true) : NULL;
	uint64_t start = (uint64_t)ptr, end = start + size;
	struct kml_object whole;

	if (!object || !size)
		return;
	whole = *object;
	kml_remove(object);
	if (start > whole.range.start)
		keep_part(&whole, whole.range.start, start);
	if (end < whole.range.end)
		keep_part(&whole, end, whole.range.end);
	if (whole.what != KML_BY_HAND)
		still_gone(&whole, start, end < whole.range.end ? end : whole.range.end);
}

void kml_update_trace(const void *ptr)
{
	struct kml_object *object = is_object(ptr) ? kml_about((uint64_t)ptr, true) : NULL;

	if (!object)
		return;
	kml_touch(object);
	object->stack = kml_stack_now();
}

static void paint(const void *ptr, int colour, const char *name)
{
	struct kml_object *object;

	if (!is_object(ptr))
		return;
	object = find_start((uint64_t)ptr);
	if (!object) {
		warn_unknown("Trying to color", (uint64_t)ptr, name);
		return;
	}
	kml_touch(object);
	object->min_count = colour;
	if (colour == COUNT_BLACK)
		object->flags |= OBJECT_NO_SCAN;
}

void kml_not_leak(const void *ptr)
{
	paint(ptr, 0, " as Grey");
}

void kml_ignore(const void *ptr)
{
	paint(ptr, COUNT_BLACK, " as Black");
}

void kml_scan_area(const void *ptr, size_t size)
{
	struct kml_object *object;
	uint64_t start = (uint64_t)ptr, end;

	if (!is_object(ptr) || !size)
		return;
	object = kml_about(start, true);
	if (!object) {
		warn_unknown("Adding scan area to", start, "");
		return;
	}
	end = size == SIZE_MAX ? object->range.end : start + size;
	if (end > object->range.end || end < start) {
		kml_log(4, "Scan area larger than object 0x%08lx", (unsigned long)start);
		kml_log_stack();
		kml_dump(object);
		return;
	}
	if (kml_add_area(object, start, end))
		return;
	kml_log(4, "Cannot allocate a scan area, scanning the full object");
	kml_touch(object);
	object->flags |= OBJECT_FULL_SCAN;
}

void kml_no_scan(const void *ptr)
{
	struct kml_object *object;

	if (!is_object(ptr))
		return;
	object = find_start((uint64_t)ptr);
	if (!object) {
		warn_unknown("Not scanning", (uint64_t)ptr, "");
		return;
	}
	kml_touch(object);
	object->flags |= OBJECT_NO_SCAN;
}

/* ---- physical addresses ------------------------------------------------------------------------------------- */

/*
 * The kernel keeps these apart from the others, by physical address, and does not scan what lies outside of lowmem. Here they
 * stand where that memory lies, unless something else is registered there already: their colour is grey
 * anyway.
 */
static void *lowmem(uint64_t phys)
{
	void *p = kf_phys_to_virt(phys);

	return !kml_state.disabled && kf_virt_addr_valid(p) ? p : NULL;
}

void kml_alloc_phys(uint64_t phys, size_t size)
{
	struct kml_object *object;
	struct kf_object other;
	uint64_t start = (uint64_t)lowmem(phys);

	if (!start || !size || kml_find(start) || overlaps_allocated(start, start + size, &other))
		return;
	object = create(start, size, 0);
	if (object)
		object->flags |= OBJECT_PHYS;
}

static bool is_phys(uint64_t addr)
{
	const struct kml_object *object = kml_find(addr);

	return object && object->flags & OBJECT_PHYS;
}

void kml_free_part_phys(uint64_t phys, size_t size)
{
	void *p = lowmem(phys);

	if (p && is_phys((uint64_t)p))
		kml_free_part(p, size);
}

void kml_ignore_phys(uint64_t phys)
{
	void *p = lowmem(phys);

	if (p && is_phys((uint64_t)p))
		kml_ignore(p);
}
