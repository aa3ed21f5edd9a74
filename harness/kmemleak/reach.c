// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to an object (reach.h). A scan goes through objects in the order in which it reaches them, level by level, so the
 * word that reached an object first lies on one of the shortest ways. It is kept for each object; a way is those
 * words, followed backwards until one lies in no object, but in a root:
 *
 *	foo.ko:dev+0x10 -> kmalloc-96 object 0x7f001240 +0x18 -> this
 *
 * What was marked serves all questions until somebody builds another index. An object that kmemleak does not watch (pages,
 * a cache) becomes part of the index for its own question.
 */
#include "reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/slab/slab.h"
#include "../trace/symbols.h"
#include "../trace/util.h"
#include "internal.h"

#define STEPS_MAX 12
#define STEP_TEXT 160
/* A smaller "address" is a per-CPU area's cookie, which any number may look like. */
#define COOKIES_END (64ul << 20)

static struct {
	uint64_t *from; /* by id: the word that reached it first */
	unsigned generation;
	bool marked;
} reach;

void reach_forget(void)
{
	if (reach.marked && reach.generation == kml_index.generation)
		kml_index_drop();
	reach.marked = false;
}

/* ---- names -------------------------------------------------------------------------------------------------- */

static void name_variable(uint64_t where, const char *owner, const char *before, char *text)
{
	const char *colon = *owner ? ":" : "";
	struct frame variable;

	if (!symbols_resolve_data(where, &variable))
		snprintf(text, STEP_TEXT, "%s%s%s0x%lx", before, owner, colon, where);
	else if (variable.offset)
		snprintf(text, STEP_TEXT, "%s%s%s%s+0x%lx", before, owner, colon, variable.function,
			 variable.offset);
	else
		snprintf(text, STEP_TEXT, "%s%s%s%s", before, owner, colon, variable.function);
}

struct place {
	uint64_t where;
	char *text;
	bool found;
};

static void name_root(const struct kml_root *root, void *arg)
{
	struct place *place = arg;

	if (place->found || place->where < root->start || place->where >= root->end)
		return;
	place->found = true;
	if (root->kind == KML_STACK)
		snprintf(place->text, STEP_TEXT, "the stack of %s (pid %d)", root->name, root->pid);
	else if (root->kind == KML_PERCPU)
		snprintf(place->text, STEP_TEXT, "per-CPU variable at 0x%lx",
			 place->where - root->start);
	else
		name_variable(place->where, root->name, "", place->text);
}

/* A root that kmemleak found by itself. */
static void name_memory(uint64_t where, char *text)
{
	const struct kf_layout *l = kf_layout();
	struct kf_object object;

	if (where - l->percpu < l->percpu_unit * l->nr_cpus)
		snprintf(text, STEP_TEXT, "a per-CPU area +0x%lx",
			 (where - l->percpu) % l->percpu_unit);
	else if (where - l->vmemmap < (l->phys_end >> KF_PAGE_SHIFT) * sizeof(struct page))
		snprintf(text, STEP_TEXT, "struct page 0x%lx", where & ~63ul);
	else if (kf_object_at((void *)where, &object) && object.live)
		snprintf(text, STEP_TEXT, "pages 0x%lx +0x%lx", (unsigned long)object.addr,
			 where - (uint64_t)object.addr);
	else
		snprintf(text, STEP_TEXT, "early memory 0x%lx", where);
}

static void name_start(uint64_t where, char *text)
{
	struct place place = {.where = where, .text = text};

	if (kml_world.roots)
		kml_world.roots(name_root, &place);
	if (!place.found)
		name_memory(where, text);
}

static const char *kind_of(const struct kml_run *run, const struct kf_object *object)
{
	if (run->record)
		return "registered";
	if (object->cache)
		return kf_cache_name(object->cache);
	return object->kind == KF_VMALLOC ? "vmalloc" : "kmalloc";
}

static void name_object(const struct kml_run *run, uint32_t slot, uint64_t where, const char *how,
			char *text)
{
	uint64_t start = kml_slot_address(run, slot);
	struct kf_object object = {.addr = NULL};

	kf_object_at((void *)start, &object);
	snprintf(text, STEP_TEXT, "%s%s object 0x%lx +0x%lx", how, kind_of(run, &object), start,
		 where - start);
}

/* ---- ways ----------------------------------------------------------------------------------------------------- */

struct way {
	char steps[STEPS_MAX][STEP_TEXT]; /* from the object's end */
	unsigned count;
};

static void follow(struct way *way, uint64_t where)
{
	while (way->count < STEPS_MAX) {
		char *text = way->steps[way->count++];
		uint32_t slot;
		const struct kml_run *run = kml_index_find(where, &slot);

		if (!run) {
			name_start(where, text);
			return;
		}
		name_object(run, slot, where, "", text);
		where = reach.from[run->id + slot];
		if (!where) /* grey from the start */
			return;
	}
	snprintf(way->steps[STEPS_MAX - 1], STEP_TEXT, "...");
}

static char *text_of(const struct way *way)
{
	char *text = xstrdup("");

	for (unsigned i = way->count; i--;) {
		char *more = xasprintf("%s%s -> ", text, way->steps[i]);

		free(text);
		text = more;
	}
	if (!way->count)
		return text;
	text = xrealloc(text, strlen(text) + 5);
	return strcat(text, "this");
}

/* ---- only unreferenced objects point to it --------------------------------------------------------------------- */

struct hunt {
	uint64_t start, end, where;
};

static void hunt_word(uint64_t where, uint64_t value, void *arg)
{
	struct hunt *hunt = arg;

	if (!hunt->where && value >= hunt->start && value < hunt->end)
		hunt->where = where;
}

static void hunt_in(struct hunt *hunt, const struct kml_run *run, uint32_t slot)
{
	uint64_t start = kml_slot_address(run, slot);
	uint16_t state = kml_index.slots[run->id + slot];

	if (hunt->where || !(state & SLOT_LIVE) || !(state & SLOT_MISSING) || start == hunt->start)
		return;
	kml_for_each_word(start, run->size, hunt_word, hunt);
}

static uint64_t hunt_whites(uint64_t start, uint64_t end)
{
	struct hunt hunt = {start, end, 0};

	for (uint32_t i = 0; i < kml_index.run_count && !hunt.where; i++)
		for (uint32_t slot = 0; slot < kml_index.runs[i].slots; slot++)
			hunt_in(&hunt, &kml_index.runs[i], slot);
	return hunt.where;
}

/* ---- the question ----------------------------------------------------------------------------------------------- */

static bool mark_all(uint64_t addr, uint64_t size)
{
	reach_forget();
	if (kml_state.disabled || !kml_index_build_with(addr, size))
		return false;
	free(reach.from);
	reach.from = xcalloc(kml_index.slot_count + 1, sizeof(*reach.from));
	kml_mark(reach.from);
	reach.generation = kml_index.generation;
	reach.marked = true;
	return true;
}

static bool is_marked(void)
{
	return reach.marked && reach.generation == kml_index.generation;
}

char *reach_text(const void *addr, size_t size)
{
	uint64_t start = (uint64_t)addr, where;
	const struct kml_run *run;
	struct way way = {.count = 0};
	uint32_t slot;

	if (start < COOKIES_END || !size || (!is_marked() && !mark_all(0, 0)))
		return NULL;
	run = kml_index_find(start, &slot);
	if (!run && mark_all(start, size))
		run = kml_index_find(start, &slot);
	if (!run)
		return NULL;
	where = reach.from[run->id + slot];
	if (where) {
		follow(&way, where);
		return text_of(&way);
	}
	where = hunt_whites(start, start + size);
	run = where ? kml_index_find(where, &slot) : NULL;
	if (!run)
		return NULL;
	name_object(run, slot, where, "unreferenced ", way.steps[way.count++]);
	return text_of(&way);
}
