// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was said about objects. The allocators know which objects live; a record is made only for one that differs from
 * the rest: coloured, with scan areas, registered by hand, cut to pieces, reported. Records lie in a table that only
 * grows during a run, and in a set by address (the treap that vmalloc's areas are in).
 *
 * A record about an object of the allocators names it by its number (seq). When that object dies nobody tells us: the
 * record is out of date then, counts as none, and goes when another one wants its place.
 *
 * All of it belongs to the run. Before a record changes, a copy of it goes onto a list, so that changes can be undone,
 * newest first:
 *
 *	undo	| before the run | of this run ......... | made since a checkpoint |
 *		0		 base.undos		 kml_state.undos	   applied
 *
 * kml_begin() sets kml_state back to `base`; a checkpoint (trace/run_state.h) sets it back to what it was there. Either
 * way `applied` is ahead of it then, and whoever asks next undoes the difference first.
 */
#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../trace/run_state.h"
#include "../trace/util.h"

#define OBJECTS_MAX (1u << 20)
#define AREAS_MAX   (1u << 20)
#define UNDOS_MAX   (1u << 22)

struct undo {
	uint32_t index;
	struct kml_object was;
};

RUN_STATE struct kml_state kml_state = {.stack_scan = true};
struct kml_world kml_world;
enum kml_rules kml_rules;

static struct {
	struct kml_object *objects;
	struct kml_area *areas;
	struct undo *undos;
	struct kf_ranges set;
	uint32_t applied;
	struct kml_state base;
	bool has_base;
	bool spoiled; /* a change could not be noted, and so not be undone */
} tracker;

static const char too_much[] = "kmemleak was told more than 4 million things in one run";

void *kml_table(uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		out_of_host_memory(bytes);
	/* What many objects are looked up in; the host may refuse, and nothing but speed depends on it. */
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

/* ---- changes, and taking them back ---------------------------------------------------------------------- */

static void set_member(struct kml_object *object, bool member)
{
	if (member && !object->member)
		kf_ranges_insert(&tracker.set, &object->range);
	else if (!member && object->member)
		kf_ranges_remove(&tracker.set, &object->range);
	object->member = member;
}

static void undo(const struct undo *u)
{
	struct kml_object *object = &tracker.objects[u->index];
	bool member = u->was.member;

	set_member(object, false);
	*object = u->was;
	object->member = false;
	set_member(object, member);
}

static void settle(void)
{
	if (!tracker.objects) {
		tracker.objects = kml_table(OBJECTS_MAX * sizeof(*tracker.objects));
		tracker.areas = kml_table(AREAS_MAX * sizeof(*tracker.areas));
		tracker.undos = kml_table(UNDOS_MAX * sizeof(*tracker.undos));
	}
	while (tracker.applied > kml_state.undos)
		undo(&tracker.undos[--tracker.applied]);
}

void kml_touch(struct kml_object *object)
{
	settle();
	if (kml_state.undos == UNDOS_MAX) {
		tracker.spoiled = true;
		kml_stop(too_much);
		return;
	}
	tracker.undos[kml_state.undos++] =
		(struct undo){(uint32_t)(object - tracker.objects), *object};
	tracker.applied = kml_state.undos;
}

void kml_begin(void)
{
	if (!tracker.has_base)
		tracker.base = kml_state;
	tracker.has_base = true;
	kml_state = tracker.base;
	kml_state.base_seq = kf_sequence();
	if (tracker.objects)
		settle();
	if (tracker.spoiled)
		kml_stop(too_much);
}

void kml_keep(void)
{
	tracker.base = kml_state;
	tracker.has_base = true;
}

void kml_forget(void)
{
	tracker.base = kml_state = (struct kml_state){.stack_scan = true};
	tracker.has_base = tracker.spoiled = false;
	if (tracker.objects)
		settle();
}

void kml_attach(const struct kml_world *world)
{
	kml_world = *world;
}

void kml_set_rules(enum kml_rules rules)
{
	kml_rules = rules;
}

/* As kmemleak_stop() of mm/kmemleak.c: warn, and be silent from then on. */
void kml_stop(const char *why)
{
	if (kml_state.disabled)
		return;
	kml_state.disabled = true;
	kml_state.auto_scan = false;
	kml_state.unable = why;
	kml_log(4, "Kernel memory leak detector disabled");
}

const char *kml_unable(void)
{
	return kml_state.unable;
}

/* ---- the allocators' objects ---------------------------------------------------------------------------- */

static bool is_tracked(const struct kf_object *object)
{
	switch (object->kind) {
	case KF_SLAB:
		return !(kf_cache_flags(object->cache) & KF_SLAB_NOLEAKTRACE);
	case KF_KMALLOC_LARGE:
		return true;
	case KF_VMALLOC:
		return kf_is_vmalloc_addr(object->addr);
	default:
		return false;
	}
}

uint64_t kml_size_of(const struct kf_object *object)
{
	switch (object->kind) {
	case KF_SLAB:
		return object->usable;
	case KF_VMALLOC:
		return (object->size + KF_PAGE_SIZE - 1) & KF_PAGE_MASK;
	default:
		return object->size;
	}
}

bool kml_allocated_at(uint64_t addr, struct kf_object *out)
{
	return kf_object_at((void *)addr, out) && out->live && is_tracked(out) &&
	       addr - (uint64_t)out->addr < kml_size_of(out);
}

/* ---- the set ------------------------------------------------------------------------------------------------ */

static bool holds(const struct kml_object *object)
{
	struct kf_object now;

	if (object->what == KML_BY_HAND)
		return true;
	return kf_object_at((void *)object->range.start, &now) && now.live &&
	       now.seq == object->seq;
}

void kml_remove(struct kml_object *object)
{
	kml_touch(object);
	set_member(object, false);
}

struct kml_object *kml_find(uint64_t addr)
{
	struct kml_object *object;

	if (!kml_state.objects)
		return NULL;
	settle();
	object = (struct kml_object *)kf_ranges_at(&tracker.set, addr);
	return object && holds(object) ? object : NULL;
}

/* Make room in [start, end). NULL, or a record that holds and is in the way. */
static struct kml_object *clear_way(uint64_t start, uint64_t end)
{
	struct kml_object *object;

	while ((object = (struct kml_object *)kf_ranges_from(&tracker.set, start)) &&
	       object->range.start < end) {
		if (holds(object))
			return object;
		kml_remove(object);
	}
	return NULL;
}

struct kml_object *kml_insert(uint64_t start, uint64_t size, enum kml_what what, uint64_t seq)
{
	struct kml_object *object, *in_way;

	settle();
	in_way = clear_way(start, start + size);
	if (in_way) {
		kml_log(4, "Cannot insert 0x%lx into the object search tree (overlaps existing)",
			(unsigned long)start);
		kml_log_stack();
		kml_dump(in_way);
		kml_stop("kmemleak was told of an object that overlaps another one");
		return NULL;
	}
	if (kml_state.objects == OBJECTS_MAX) {
		kml_log(4, "Cannot allocate a kmemleak_object structure");
		kml_stop("kmemleak has no room for more than a million records");
		return NULL;
	}
	object = &tracker.objects[kml_state.objects++];
	memset(object, 0, sizeof(*object));
	kml_touch(object);
	if (kml_state.disabled)
		return NULL;
	object->range.start = start;
	object->range.end = start + size;
	object->what = what;
	object->seq = seq;
	object->order = seq ?: kf_sequence();
	object->min_count = 1;
	object->flags = OBJECT_ALLOCATED;
	set_member(object, true);
	return object;
}

struct kml_object *kml_about(uint64_t addr, bool interior)
{
	struct kml_object *object = kml_find(addr);
	struct kf_object now;

	if (object && object->what == KML_GONE)
		return NULL;
	if (object)
		return interior || object->range.start == addr ? object : NULL;
	if (!kml_allocated_at(addr, &now) || (!interior && (uint64_t)now.addr != addr))
		return NULL;
	object = kml_insert((uint64_t)now.addr, kml_size_of(&now), KML_ABOUT, now.seq);
	if (object && now.kind == KF_VMALLOC)
		object->min_count = 2;
	return object;
}

bool kml_add_area(struct kml_object *object, uint64_t start, uint64_t end)
{
	if (kml_state.areas == AREAS_MAX)
		return false;
	tracker.areas[kml_state.areas] = (struct kml_area){start, end, object->areas};
	kml_touch(object);
	object->areas = ++kml_state.areas;
	return true;
}

const struct kml_area *kml_area(uint32_t index)
{
	return index ? &tracker.areas[index - 1] : NULL;
}

void kml_for_each(void (*fn)(struct kml_object *object, void *arg), void *arg)
{
	struct kf_range *range, *next;

	if (!kml_state.objects)
		return;
	settle();
	for (range = kf_ranges_first(&tracker.set); range; range = next) {
		struct kml_object *object = (struct kml_object *)range;

		next = kf_range_next(range);
		if (holds(object))
			fn(object, arg);
	}
}
