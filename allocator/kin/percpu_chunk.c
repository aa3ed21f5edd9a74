// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chunks of the per-CPU unit, and the areas that tile each of them. Follows mm/percpu.c of 6.1.
 *
 *	unit    | static, and 28 KiB: chunk 0 | chunk 1, 64 KiB | chunk 2 | ..... |
 *	chunk   |live 1|free 2|live 3|.......free 4.......|
 *
 * Chunk 0 is there from the start and has all its memory (the kernel's first chunk: static variables and
 * PERCPU_DYNAMIC_RESERVE). The others are made when no chunk has room and go when they are empty.
 *
 * An area has a record, known by its number; 0 is none. prev and next are its neighbours in the chunk, free_prev and
 * free_next those on the list of all free areas. Two neighbours are never both free. A wish goes to the lowest address that
 * fits; one that is atomic, to the lowest where all pages have memory.
 *
 * Lock: percpu->lock is held by the caller.
 */
#include <errno.h>
#include <string.h>

#include "percpu_base.h"

#define DYNAMIC_RESERVE (28u << 10) /* PERCPU_DYNAMIC_RESERVE */
#define CHUNK		(64u << 10)
#define WARNINGS	10u /* warn_limit in pcpu_alloc() */

/* ---- where they lie ---------------------------------------------------------------------------------------- */

u32 kf_percpu_chunk_start(u32 chunk)
{
	u64 start =
		kf_align_up(kf_layout()->percpu_static ? kf_layout()->percpu_static : UNIT, UNIT);

	return chunk ? (u32)pcpu()->chunk0_end + (chunk - 1) * CHUNK : (u32)start;
}

u32 kf_percpu_chunk_end(u32 chunk)
{
	u64 end = pcpu()->chunk0_end + (u64)chunk * CHUNK;

	return (u32)(end < kf_layout()->percpu_unit ? end : kf_layout()->percpu_unit);
}

u32 kf_percpu_chunk_of(u32 offset)
{
	u64 first = pcpu()->chunk0_end;

	return offset < first ? 0 : 1 + (u32)(offset - first) / CHUNK;
}

u64 kf_percpu_chunk(u64 cookie)
{
	return kf_percpu_chunk_start(kf_percpu_chunk_of((u32)cookie)) & KF_PAGE_MASK;
}

/* ---- records ----------------------------------------------------------------------------------------------- */

static u32 max_records(void)
{
	u64 most = (kf_layout()->percpu_unit - kf_layout()->percpu_static) / UNIT + 2;

	return most > 1u << 20 ? 1u << 20 : (u32)most;
}

static void link_free(struct kf_percpu *pc, u32 id)
{
	area(id)->free_prev = 0;
	area(id)->free_next = pc->free;
	if (pc->free)
		area(pc->free)->free_prev = id;
	pc->free = id;
}

static void unlink_free(struct kf_percpu *pc, u32 id)
{
	struct kf_percpu_area *a = area(id);

	if (a->free_prev)
		area(a->free_prev)->free_next = a->free_next;
	else
		pc->free = a->free_next;
	if (a->free_next)
		area(a->free_next)->free_prev = a->free_prev;
}

/* A record for a new area, or 0. Spare records are linked by free_next. */
static u32 new_record(struct kf_percpu *pc)
{
	u32 id = pc->spare;

	if (id) {
		pc->spare = area(id)->free_next;
		memset(area(id), 0, sizeof(*area(id)));
		return id;
	}
	return pc->nr_records + 1 < max_records() ? ++pc->nr_records : 0;
}

static void drop_record(struct kf_percpu *pc, u32 id)
{
	area(id)->size = 0;
	area(id)->free_next = pc->spare;
	pc->spare = id;
}

/* ---- chunks ------------------------------------------------------------------------------------------------ */

/* A chunk that is one free area. */
static bool make_chunk(struct kf_percpu *pc, u32 chunk)
{
	u32 id = new_record(pc);

	if (!id)
		return false;
	area(id)->start = kf_percpu_chunk_start(chunk);
	area(id)->size = kf_percpu_chunk_end(chunk) - kf_percpu_chunk_start(chunk);
	pc->first[chunk] = id;
	pc->chunks++;
	link_free(pc, id);
	return true;
}

bool kf_percpu_grow(struct kf_percpu *pc)
{
	for (u32 chunk = 0; chunk < pc->nr_chunks; chunk++)
		if (!pc->first[chunk])
			return make_chunk(pc, chunk);
	return false;
}

/* An empty chunk goes, and its frames with it; the first one stays. */
static void drop_chunk(struct kf_percpu *pc, u32 chunk, struct kf_list *frames)
{
	u32 id = pc->first[chunk], end = kf_percpu_chunk_end(chunk) >> KF_PAGE_SHIFT;

	unlink_free(pc, id);
	drop_record(pc, id);
	pc->first[chunk] = 0;
	pc->chunks--;
	kf_percpu_depopulate(pc, kf_percpu_chunk_start(chunk) >> KF_PAGE_SHIFT, end, frames);
}

/* ---- start ------------------------------------------------------------------------------------------------- */

static bool make_tables(struct kf_percpu *pc)
{
	u64 unit = kf_layout()->percpu_unit, pages = unit >> KF_PAGE_SHIFT;

	pc->areas = kf_meta_alloc(max_records() * sizeof(*pc->areas));
	pc->owner = kf_meta_alloc(unit / UNIT * sizeof(*pc->owner));
	pc->freed = kf_meta_alloc(unit / UNIT / 8 + 8);
	pc->first = kf_meta_alloc(pc->nr_chunks * sizeof(*pc->first));
	pc->page_areas = kf_meta_alloc(pages * sizeof(*pc->page_areas));
	pc->has_memory = kf_meta_alloc(pages / 8 + 8);
	pc->frames = kf_meta_alloc(pages * kf_layout()->nr_cpus * sizeof(*pc->frames));
	return pc->areas && pc->owner && pc->freed && pc->first && pc->page_areas &&
	       pc->has_memory && pc->frames;
}

int kf_percpu_init(void)
{
	const struct kf_layout *layout = kf_layout();
	struct kf_percpu *pc = pcpu();
	u64 end = kf_align_up(layout->percpu_static + DYNAMIC_RESERVE, KF_PAGE_SIZE);

	if (layout->percpu_static + UNIT >= layout->percpu_unit || layout->percpu_unit > 1ull << 31)
		return 0; /* no dynamic part */
	pc->chunk0_end = end < layout->percpu_unit ? end : layout->percpu_unit;
	pc->nr_chunks = 1 + (u32)((layout->percpu_unit - pc->chunk0_end + CHUNK - 1) / CHUNK);
	pc->warnings_left = WARNINGS;
	if (!make_tables(pc) || !make_chunk(pc, 0))
		return -ENOMEM;
	for (u32 page = 0; page < pc->chunk0_end >> KF_PAGE_SHIFT; page++)
		kf_percpu_set_memory(pc, page, true);
	return 0;
}

/* ---- areas ------------------------------------------------------------------------------------------------- */

/* Where in this free area the wish can be met, or NONE. */
static u32 place_in(const struct kf_percpu *pc, const struct kf_percpu_area *a,
		    const struct kf_percpu_wish *w)
{
	u64 at = kf_align_up(a->start, w->align), end = (u64)a->start + a->size;

	while (at + w->size <= end) {
		u32 bare = w->atomic ? kf_percpu_bare_page(pc, (u32)at, w->size) : NONE;

		if (bare == NONE)
			return (u32)at;
		at = kf_align_up((bare + 1ull) << KF_PAGE_SHIFT, w->align);
	}
	return NONE;
}

u32 kf_percpu_first_fit(const struct kf_percpu *pc, const struct kf_percpu_wish *w, u32 *place)
{
	u32 best = 0;

	*place = NONE;
	for (u32 id = pc->free; id; id = area(id)->free_next) {
		u32 at;

		if (area(id)->start >= *place || area(id)->size < w->size)
			continue;
		at = place_in(pc, area(id), w);
		if (at < *place) {
			*place = at;
			best = id;
		}
	}
	return best;
}

/* Cut `size` bytes off the front of an area; the rest becomes a new, free one behind it. */
static bool cut(struct kf_percpu *pc, u32 id, u32 size)
{
	struct kf_percpu_area *a = area(id), *rest;
	u32 new;

	if (a->size == size)
		return true;
	new = new_record(pc);
	if (!new)
		return false;
	rest = area(new);
	rest->start = a->start + size;
	rest->size = a->size - size;
	rest->prev = id;
	rest->next = a->next;
	if (a->next)
		area(a->next)->prev = new;
	a->next = new;
	a->size = size;
	link_free(pc, new);
	return true;
}

u32 kf_percpu_carve(struct kf_percpu *pc, u32 id, u32 place, u32 size)
{
	if (place > area(id)->start) {
		if (!cut(pc, id, place - area(id)->start))
			return 0;
		id = area(id)->next;
	}
	if (!cut(pc, id, size))
		return 0;
	unlink_free(pc, id);
	area(id)->live = true; /* at once: a neighbour that is freed must not swallow it */
	pc->live++;
	kf_percpu_touch(pc, area(id), true);
	return id;
}

/* Melt the area behind `id` into it. */
static void swallow_next(struct kf_percpu *pc, u32 id)
{
	u32 next = area(id)->next;

	area(id)->size += area(next)->size;
	area(id)->next = area(next)->next;
	if (area(next)->next)
		area(area(next)->next)->prev = id;
	drop_record(pc, next);
}

void kf_percpu_give(struct kf_percpu *pc, u32 id, struct kf_list *frames)
{
	u32 next = area(id)->next, prev = area(id)->prev,
	    chunk = kf_percpu_chunk_of(area(id)->start);

	kf_percpu_touch(pc, area(id), false);
	area(id)->live = false;
	pc->live--;
	if (next && !area(next)->live) {
		unlink_free(pc, next);
		swallow_next(pc, id);
	}
	if (prev && !area(prev)->live)
		swallow_next(pc, prev);
	else
		link_free(pc, id);
	if (chunk && !area(pc->first[chunk])->live && !area(pc->first[chunk])->next)
		drop_chunk(pc, chunk, frames);
}
