// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scan: kmemleak_scan() of mm/kmemleak.c of 6.1. Index, roots, what they lead to; what is white then is unreferenced.
 *
 * Under our own rules that is all: the world stands still, nothing is hidden in a register of another CPU, and one
 * look is certain. The kernel's rules add two precautions: an object whose content has changed since the last scan is
 * spared this time, with all that it points to, and so is a young one.
 *
 * Most of the kernel's own objects that hide their pointers are annotated in its source, and those annotations are
 * compiled out of a kernel without CONFIG_DEBUG_KMEMLEAK. So only what a module asked for is reported, unless
 * somebody wants all (README.md has the numbers).
 */
#include "internal.h"

#include <stdlib.h>
#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/util.h"

#define MSECS_MIN_AGE 5000

static bool report_all;

void kml_report_all(bool all)
{
	report_all = all;
}

/* ---- white objects ------------------------------------------------------------------------------------------ */

struct white {
	uint64_t addr, size, seq, order;
	uint32_t id, stack;
	struct kml_object *record; /* NULL: none yet */
};

struct whites {
	struct white *list;
	unsigned count, room;
};

static struct white *add(struct whites *w)
{
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->list = xreallocarray(w->list, w->room, sizeof(*w->list));
	}
	return &w->list[w->count++];
}

static void add_white(struct whites *w, const struct kml_run *run, uint32_t slot)
{
	struct kf_object object = {0};
	struct white *white = add(w);

	*white = (struct white){.addr = kml_slot_address(run, slot),
				.size = run->size,
				.id = run->id + slot,
				.record = run->record};
	if (white->record) {
		white->stack = white->record->stack;
		white->order = white->record->order;
		return;
	}
	kf_object_at((void *)white->addr, &object);
	white->seq = white->order = object.seq;
	white->stack = object.alloc_tag;
	if (kml_index.slots[white->id] & SLOT_SPECIAL)
		white->record = kml_find(white->addr);
	if (white->record && white->record->stack)
		white->stack = white->record->stack;
}

static struct whites find_whites(void)
{
	struct whites w = {0};

	for (uint32_t i = 0; i < kml_index.run_count; i++) {
		const struct kml_run *run = &kml_index.runs[i];
		const uint16_t *state = &kml_index.slots[run->id];

		for (uint32_t slot = 0; slot < run->slots; slot++)
			if (state[slot] & SLOT_LIVE && state[slot] & SLOT_MISSING)
				add_white(&w, run, slot);
	}
	return w;
}

static int by_order(const void *a, const void *b)
{
	const struct white *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* ---- the kernel's precautions --------------------------------------------------------------------------------- */

/* Has its content changed since the last scan? Told by a checksum, which is 0 before the first one. */
static bool has_changed(struct white *white)
{
	struct kf_object object;
	/* Behind what was asked for there is zero in the kernel, and a guard here. */
	uint64_t size = white->seq && kf_object_at((void *)white->addr, &object) ? object.size
										 : white->size;
	uint32_t checksum = kml_checksum(white->addr, size);

	if (checksum == (white->record ? white->record->checksum : 0))
		return false;
	if (!white->record)
		white->record = kml_about(white->addr, false);
	if (!white->record)
		return true;
	kml_touch(white->record);
	white->record->checksum = checksum;
	return true;
}

static uint64_t spare_changed(void)
{
	struct whites w = find_whites();
	uint32_t *ids = xcalloc(w.count + 1, sizeof(*ids)), n = 0;
	uint64_t bytes;

	for (unsigned i = 0; i < w.count; i++) {
		if (!has_changed(&w.list[i]))
			continue;
		kml_index.slots[w.list[i].id] &= (uint16_t)~SLOT_MISSING;
		if (kml_index.slots[w.list[i].id] & SLOT_SCAN)
			ids[n++] = w.list[i].id;
	}
	bytes = kml_mark_more(ids, n);
	free(ids);
	free(w.list);
	return bytes;
}

static bool is_old_enough(const struct white *white)
{
	uint64_t age = (uint64_t)MSECS_MIN_AGE * kml_world.hz / 1000;
	struct kml_task task;

	if (kml_rules == KML_OWN)
		return true;
	kml_task_of(white->seq, &task);
	if (white->record && white->record->what != KML_ABOUT)
		task.jiffies = white->record->jiffies;
	return task.jiffies + age <= kml_state.last_scan;
}

/* ---- reporting ---------------------------------------------------------------------------------------------------- */

static bool is_of_a_module(uint32_t stack)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 0; i < n; i++)
		if (kml_world.module_of && kml_world.module_of(pcs[i]))
			return true;
	return false;
}

/* An object of ours that nothing points to has a record from then on. True: it is a new leak. */
static bool report(struct white *white)
{
	bool known = white->record && white->record->flags & OBJECT_REPORTED;

	if (!known && !((report_all || is_of_a_module(white->stack)) && is_old_enough(white)))
		return false;
	if (!white->record)
		white->record = kml_about(white->addr, false);
	if (!white->record)
		return false;
	kml_touch(white->record);
	white->record->white = true;
	white->record->flags |= OBJECT_REPORTED;
	return !known;
}

/* What the last scan said of an object holds no more; the number of pointers to it is that of this one. */
static void update(struct kml_object *object, void *arg)
{
	uint32_t slot;
	const struct kml_run *run = kml_index_find(object->range.start, &slot);
	int missing = run ? kml_index.slots[run->id + slot] & SLOT_MISSING : 0;
	int count = object->min_count > 0 ? object->min_count - missing : 0;

	if (!object->white && object->count == count)
		return;
	kml_touch(object);
	object->white = false;
	object->count = count;
}

static unsigned report_all_whites(struct whites *w,
				  void (*found)(const struct kml_leak *leak, void *arg), void *arg)
{
	unsigned n = 0;

	if (w->count)
		qsort(w->list, w->count, sizeof(*w->list), by_order);
	for (unsigned i = 0; i < w->count; i++) {
		struct white *white = &w->list[i];
		const struct kml_leak leak = {white->addr, white->size, white->seq, white->stack};

		if (!report(white))
			continue;
		n++;
		if (found)
			found(&leak, arg);
	}
	return n;
}

static bool can_scan(void)
{
	if (!kml_state.disabled && !kf_settings()->hooks)
		kml_stop("the allocators tell nobody what lives (hooks=0)");
	return !kml_state.disabled;
}

bool kml_scan(struct kml_scan *out, void (*found)(const struct kml_leak *leak, void *arg),
	      void *arg)
{
	struct kml_scan result = {0};
	struct kml_task now;
	struct whites w;

	if (!can_scan() || !kml_index_build())
		return false;
	kml_task_now(&now);
	kml_state.last_scan = now.jiffies;
	kml_state.scanned = true;
	result.objects = kml_index.objects;
	result.bytes = kml_mark(NULL);
	if (kml_rules == KML_KERNEL)
		result.bytes += spare_changed();
	w = find_whites();
	result.unreferenced = w.count;
	kml_for_each(update, NULL);
	result.new_leaks = report_all_whites(&w, found, arg);
	free(w.list);
	kml_index_drop();
	if (result.new_leaks)
		kml_log(6, "%u new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
			result.new_leaks);
	if (out)
		*out = result;
	return !kml_state.disabled;
}

int kml_count(const struct kml_object *object)
{
	const struct kml_run *run;
	uint32_t slot;
	int missing = 0;

	if (!kml_state.scanned || object->min_count <= 0 || !kml_index_build())
		return 0;
	kml_mark(NULL);
	run = kml_index_find(object->range.start, &slot);
	if (run)
		missing = kml_index.slots[run->id + slot] & SLOT_MISSING;
	kml_index_drop();
	return object->min_count - missing;
}
