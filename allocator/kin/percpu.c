// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU areas: offsets into a unit that every CPU has. Follows mm/percpu.c of 6.1 with one chunk: first
 * fit, lowest address; always zeroed; neighbours merge when they are freed.
 *
 *	unit   |static|live 1|free 2|live 3|....free 4....|
 *	        prev/next link all areas by address, free_prev/free_next the free ones in any order
 *
 * Areas are multiples of 8 bytes. owner[offset / 8] names the live area that starts at an offset, so a
 * free finds its area at once.
 *
 * Lock: percpu->lock, for everything here.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

#define UNIT	 8u
#define MAX_SIZE (32u << 10)

static struct kf_chunk *chunk(u32 id)
{
	return &kf_state()->percpu.chunks[id];
}

static u32 max_chunks(void)
{
	u64 most = (kf_layout()->percpu_unit - kf_layout()->percpu_static) / UNIT + 2;

	return most > 1u << 20 ? 1u << 20 : (u32)most;
}

static void link_free(struct kf_percpu *pc, u32 id)
{
	chunk(id)->free_prev = 0;
	chunk(id)->free_next = pc->free;
	if (pc->free)
		chunk(pc->free)->free_prev = id;
	pc->free = id;
}

static void unlink_free(struct kf_percpu *pc, u32 id)
{
	struct kf_chunk *c = chunk(id);

	if (c->free_prev)
		chunk(c->free_prev)->free_next = c->free_next;
	else
		pc->free = c->free_next;
	if (c->free_next)
		chunk(c->free_next)->free_prev = c->free_prev;
}

/* A record for a new area, or 0. Spare records are linked by free_next. */
static u32 new_record(struct kf_percpu *pc)
{
	u32 id = pc->spare;

	if (id) {
		pc->spare = chunk(id)->free_next;
		memset(chunk(id), 0, sizeof(*chunk(id)));
		return id;
	}
	return pc->nr_chunks + 1 < max_chunks() ? ++pc->nr_chunks : 0;
}

static void drop_record(struct kf_percpu *pc, u32 id)
{
	chunk(id)->size = 0;
	chunk(id)->free_next = pc->spare;
	pc->spare = id;
}

int kf_percpu_init(void)
{
	const struct kf_layout *layout = kf_layout();
	struct kf_percpu *pc = &kf_state()->percpu;
	u64 start = kf_align_up(layout->percpu_static ? layout->percpu_static : UNIT, UNIT);
	u32 id;

	if (start >= layout->percpu_unit || layout->percpu_unit > 1ull << 31)
		return 0; /* no dynamic part */
	pc->chunks = kf_meta_alloc(max_chunks() * sizeof(*pc->chunks));
	pc->owner = kf_meta_alloc(layout->percpu_unit / UNIT * sizeof(*pc->owner));
	if (!pc->chunks || !pc->owner)
		return -ENOMEM;
	id = new_record(pc);
	chunk(id)->start = (u32)start;
	chunk(id)->size = (u32)(layout->percpu_unit - start);
	pc->first = id;
	link_free(pc, id);
	return 0;
}

/* Lowest free area that can hold `size` at this alignment; 0: none. */
static u32 first_fit(const struct kf_percpu *pc, u32 size, u32 align)
{
	u32 best = 0;

	for (u32 id = pc->free; id; id = chunk(id)->free_next) {
		const struct kf_chunk *c = chunk(id);

		if (kf_align_up(c->start, align) + size > (u64)c->start + c->size)
			continue;
		if (!best || c->start < chunk(best)->start)
			best = id;
	}
	return best;
}

/* Cut `size` bytes off the front of an area; the rest becomes a new, free one behind it. */
static bool cut(struct kf_percpu *pc, u32 id, u32 size)
{
	struct kf_chunk *c = chunk(id), *rest;
	u32 new;

	if (c->size == size)
		return true;
	new = new_record(pc);
	if (!new)
		return false;
	rest = chunk(new);
	rest->start = c->start + size;
	rest->size = c->size - size;
	rest->prev = id;
	rest->next = c->next;
	if (c->next)
		chunk(c->next)->prev = new;
	c->next = new;
	c->size = size;
	link_free(pc, new);
	return true;
}

/* Take `size` bytes at `align` out of the free area; 0: no record left. */
static u32 carve(struct kf_percpu *pc, u32 id, u32 size, u32 align)
{
	u32 skip = (u32)(kf_align_up(chunk(id)->start, align) - chunk(id)->start);

	if (skip) {
		if (!cut(pc, id, skip))
			return 0;
		id = chunk(id)->next;
	}
	if (!cut(pc, id, size))
		return 0;
	unlink_free(pc, id);
	return id;
}

static void fill_object(const struct kf_chunk *c, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = KF_PERCPU,
		.live = c->live,
		.addr = (void *)(uintptr_t)c->start,
		.size = c->requested,
		.usable = c->size,
		.gfp = c->gfp,
		.seq = c->seq,
		.alloc_tag = c->alloc_tag,
	};
}

static bool sane(size_t size, size_t align)
{
	return size && size <= MAX_SIZE && align <= KF_PAGE_SIZE && !(align & (align - 1));
}

static u32 take_area(size_t size, size_t align)
{
	struct kf_percpu *pc = &kf_state()->percpu;
	u32 bytes = (u32)kf_align_up(size, UNIT), id;

	align = align < UNIT ? UNIT : align;
	if (!pc->chunks)
		return 0;
	kf_lock(&pc->lock);
	id = first_fit(pc, bytes, (u32)align);
	if (id)
		id = carve(pc, id, bytes, (u32)align);
	if (id) {
		pc->owner[chunk(id)->start / UNIT] = id;
		chunk(id)->live = true; /* at once: a neighbour that is freed must not swallow it */
		pc->live++;
	}
	kf_unlock(&pc->lock);
	return id;
}

u64 kf_alloc_percpu(size_t size, size_t align, u32 gfp)
{
	struct kf_request req = {.kind = KF_PERCPU, .size = size, .gfp = gfp};
	struct kf_object obj;
	struct kf_chunk *c;
	u32 id;

	if (!sane(size, align)) {
		if (!(gfp & KF_GFP_NOWARN))
			kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
				"illegal size or align for percpu allocation");
		return 0;
	}
	if (!kf_permitted(&req))
		return 0;
	id = take_area(size, align);
	if (!id)
		return 0;
	c = chunk(id);
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		memset(kf_per_cpu_ptr(c->start, cpu), 0, c->size);
	c->requested = (u32)size;
	c->gfp = gfp;
	c->seq = kf_next_seq();
	fill_object(c, &obj);
	obj.alloc_tag = 0;
	c->alloc_tag = kf_hooks.allocated(&obj);
	return c->start;
}

/* Id of the live area with this cookie, or 0. */
static u32 area_of(u64 cookie)
{
	const struct kf_percpu *pc = &kf_state()->percpu;

	if (!pc->chunks || cookie >= kf_layout()->percpu_unit || cookie % UNIT)
		return 0;
	return pc->owner[cookie / UNIT];
}

/* Melt the area behind `id` into it. */
static void swallow_next(struct kf_percpu *pc, u32 id)
{
	u32 next = chunk(id)->next;

	chunk(id)->size += chunk(next)->size;
	chunk(id)->next = chunk(next)->next;
	if (chunk(next)->next)
		chunk(chunk(next)->next)->prev = id;
	drop_record(pc, next);
}

static void give_area(struct kf_percpu *pc, u32 id)
{
	u32 next = chunk(id)->next, prev = chunk(id)->prev;

	if (next && !chunk(next)->live) {
		unlink_free(pc, next);
		swallow_next(pc, id);
	}
	if (prev && !chunk(prev)->live)
		swallow_next(pc, prev);
	else
		link_free(pc, id);
}

void kf_free_percpu(u64 cookie)
{
	struct kf_percpu *pc = &kf_state()->percpu;
	u32 id = area_of(cookie);
	struct kf_object obj;

	if (!cookie)
		return;
	if (!id) {
		kf_tell(KF_BUG_INVALID_FREE, (void *)(uintptr_t)cookie, NULL, NULL,
			"free_percpu of no live area");
		return;
	}
	fill_object(chunk(id), &obj);
	kf_hooks.freed(&obj);
	kf_lock(&pc->lock);
	pc->owner[cookie / UNIT] = 0;
	pc->live--;
	chunk(id)->live = false;
	give_area(pc, id);
	kf_unlock(&pc->lock);
}

bool kf_percpu_object(u64 cookie, struct kf_object *out)
{
	u32 id = area_of(cookie);

	if (id)
		fill_object(chunk(id), out);
	return id != 0;
}

const char *kf_percpu_validate(void)
{
	const struct kf_percpu *pc = &kf_state()->percpu;
	u64 end = 0, free = 0, listed = 0, live = 0;
	bool last_free = false;

	if (!pc->chunks)
		return NULL;
	for (u32 id = pc->first; id; id = chunk(id)->next) {
		const struct kf_chunk *c = chunk(id);
		bool is_free = !c->live;

		if (end && c->start != end)
			return "per-CPU areas do not tile the unit";
		if (is_free && last_free)
			return "two free per-CPU areas are not merged";
		if (!is_free && pc->owner[c->start / UNIT] != id)
			return "a per-CPU area is not found by its cookie";
		if (c->next && chunk(c->next)->prev != id)
			return "per-CPU areas are not linked both ways";
		free += is_free;
		live += !is_free;
		last_free = is_free;
		end = (u64)c->start + c->size;
	}
	for (u32 id = pc->free; id && listed <= free; id = chunk(id)->free_next)
		listed++;
	if (listed != free || live != pc->live || end != kf_layout()->percpu_unit)
		return "counts of per-CPU areas are wrong";
	return NULL;
}
