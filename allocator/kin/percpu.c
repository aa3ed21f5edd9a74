// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU areas: offsets into a unit that every CPU has. Follows mm/percpu.c of 6.1.
 *
 *	unit    | static, and 28 KiB: chunk 0 | chunk 1, 64 KiB | chunk 2 | ..... |
 *	chunk   |live 1|free 2|live 3|.......free 4.......|
 *	pages   |  has memory  |  has memory  | none | none |
 *
 * Chunk 0 is there from the start and has all its memory (the kernel's first chunk: static variables and
 * PERCPU_DYNAMIC_RESERVE). The others are made when no chunk has room and go when they are empty; their
 * pages get memory when an area first touches them, one frame of the page allocator for each CPU, so that a machine
 * without memory is noticed here too. The bytes themselves lie at fixed addresses (struct kf_layout).
 *
 * A request that must not sleep gets only pages that have memory. To keep some at hand, a request that may sleep leaves
 * at least EMPTY_LOW pages with memory and without areas behind, as the kernel's balance work would a
 * little later. Areas are multiples of 4 bytes, never cross a chunk, and go to the lowest address that fits.
 *
 * owner[offset / 4] names the live area that starts at an offset, so a free finds its area at once; the bit in
 * `freed` tells a second free from a wild one. Lock: percpu->lock, for everything here; the hooks are called and
 * frames are taken without it.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

#define UNIT		KF_PCPU_MIN_ALLOC_SIZE
#define DYNAMIC_RESERVE (28u << 10) /* PERCPU_DYNAMIC_RESERVE */
#define CHUNK		(64u << 10)
#define EMPTY_LOW	2u  /* PCPU_EMPTY_POP_PAGES_LOW */
#define WARNINGS	10u /* warn_limit in pcpu_alloc() */
#define NONE		(~0u)
#define POPULATE_GFP	(KF_GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_NOWARN) /* pcpu_gfp */

static struct kf_percpu *pcpu(void)
{
	return &kf_state()->percpu;
}

static struct kf_percpu_area *area(u32 id)
{
	return &pcpu()->areas[id];
}

/* ---- chunks ---------------------------------------------------------------------------------------------- */

static u32 chunk_start(u32 chunk)
{
	u64 start =
		kf_align_up(kf_layout()->percpu_static ? kf_layout()->percpu_static : UNIT, UNIT);

	return chunk ? (u32)pcpu()->chunk0_end + (chunk - 1) * CHUNK : (u32)start;
}

static u32 chunk_end(u32 chunk)
{
	u64 end = pcpu()->chunk0_end + (u64)chunk * CHUNK;

	return (u32)(end < kf_layout()->percpu_unit ? end : kf_layout()->percpu_unit);
}

static u32 chunk_of(u32 offset)
{
	u64 first = pcpu()->chunk0_end;

	return offset < first ? 0 : 1 + (u32)(offset - first) / CHUNK;
}

u64 kf_percpu_chunk(u64 cookie)
{
	return chunk_start(chunk_of((u32)cookie)) & KF_PAGE_MASK;
}

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

/* A chunk that is one free area. */
static bool make_chunk(struct kf_percpu *pc, u32 chunk)
{
	u32 id = new_record(pc);

	if (!id)
		return false;
	area(id)->start = chunk_start(chunk);
	area(id)->size = chunk_end(chunk) - chunk_start(chunk);
	pc->first[chunk] = id;
	pc->chunks++;
	link_free(pc, id);
	return true;
}

/* pcpu_create_chunk(): the lowest one that is not there. */
static bool grow(struct kf_percpu *pc)
{
	for (u32 chunk = 0; chunk < pc->nr_chunks; chunk++)
		if (!pc->first[chunk])
			return make_chunk(pc, chunk);
	return false;
}

/* ---- pages ------------------------------------------------------------------------------------------------- */

static bool has_memory(const struct kf_percpu *pc, u32 page)
{
	return pc->has_memory[page / 64] >> (page % 64) & 1;
}

static void set_memory(struct kf_percpu *pc, u32 page, bool has)
{
	u64 bit = 1ull << (page % 64);

	pc->has_memory[page / 64] =
		has ? pc->has_memory[page / 64] | bit : pc->has_memory[page / 64] & ~bit;
	pc->populated += has ? 1 : -1u;
	if (!pc->page_areas[page])
		pc->empty += has ? 1 : -1u;
}

/* The frame of one CPU that a page lacks; NULL: it has all. */
static u32 *missing_frame(struct kf_percpu *pc, u32 page)
{
	u32 *frame = &pc->frames[page * kf_layout()->nr_cpus];

	for (u32 cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		if (!frame[cpu])
			return &frame[cpu];
	return NULL;
}

/*
 * pcpu_populate_chunk() of one page. Frames are taken without the lock, one by one, and what somebody else has
 * filled in meanwhile goes back; those of an attempt that fails stay for the next one.
 */
static bool populate(struct kf_percpu *pc, u32 page, u32 gfp)
{
	if (has_memory(pc, page))
		return true;
	while (missing_frame(pc, page)) {
		struct page *frame;
		u32 *slot;

		kf_unlock(&pc->lock);
		frame = kf_alloc_pages_internal(gfp, 0);
		kf_lock(&pc->lock);
		slot = missing_frame(pc, page);
		if (!frame)
			return false;
		if (slot) {
			*slot = (u32)kf_page_to_pfn(frame) + 1;
			pc->nr_frames++;
			continue;
		}
		kf_unlock(&pc->lock);
		kf_free_pages_internal(frame, 0);
		kf_lock(&pc->lock);
	}
	if (!has_memory(pc, page))
		set_memory(pc, page, true);
	return true;
}

/* Collect the frames of a page: they are given back without the lock. */
static void collect_frames(struct kf_percpu *pc, u32 page, struct kf_list *frames)
{
	u32 *frame = &pc->frames[page * kf_layout()->nr_cpus];

	for (u32 cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		if (!frame[cpu])
			continue;
		kf_list_add_tail(&kf_pfn_to_page(frame[cpu] - 1)->lru, frames);
		frame[cpu] = 0;
		pc->nr_frames--;
	}
}

static void give_frames(struct kf_list *frames)
{
	while (!kf_list_empty(frames)) {
		struct page *frame = kf_container(frames->next, struct page, lru);

		kf_list_del(&frame->lru);
		kf_free_pages_internal(frame, 0);
	}
}

/* An empty chunk goes, and its frames with it; the first one stays. */
static void drop_chunk(struct kf_percpu *pc, u32 chunk, struct kf_list *frames)
{
	u32 id = pc->first[chunk], end = chunk_end(chunk) >> KF_PAGE_SHIFT;

	unlink_free(pc, id);
	drop_record(pc, id);
	pc->first[chunk] = 0;
	pc->chunks--;
	for (u32 page = chunk_start(chunk) >> KF_PAGE_SHIFT; page < end; page++) {
		if (has_memory(pc, page))
			set_memory(pc, page, false);
		collect_frames(pc, page, frames);
	}
}

static void touch_pages(struct kf_percpu *pc, const struct kf_percpu_area *a, bool live)
{
	u32 last = (a->start + a->size - 1) >> KF_PAGE_SHIFT;

	for (u32 page = a->start >> KF_PAGE_SHIFT; page <= last; page++) {
		bool was_empty = !pc->page_areas[page];

		pc->page_areas[page] += live ? 1 : (u16)-1;
		if (has_memory(pc, page))
			pc->empty += was_empty ? -1u : !pc->page_areas[page];
	}
}

/* ---- start -------------------------------------------------------------------------------------------------- */

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
		set_memory(pc, page, true);
	return 0;
}

/* ---- allocation ---------------------------------------------------------------------------------------------- */

struct wish {
	u32 size, align;
	bool atomic;
};

/* The first page of [start, start+size) without memory, or NONE. */
static u32 bare_page(const struct kf_percpu *pc, u32 start, u32 size)
{
	u32 last = (start + size - 1) >> KF_PAGE_SHIFT;

	for (u32 page = start >> KF_PAGE_SHIFT; page <= last; page++)
		if (!has_memory(pc, page))
			return page;
	return NONE;
}

/* Where in this free area the wish can be met, or NONE. */
static u32 place_in(const struct kf_percpu *pc, const struct kf_percpu_area *a,
		    const struct wish *w)
{
	u64 at = kf_align_up(a->start, w->align), end = (u64)a->start + a->size;

	while (at + w->size <= end) {
		u32 bare = w->atomic ? bare_page(pc, (u32)at, w->size) : NONE;

		if (bare == NONE)
			return (u32)at;
		at = kf_align_up((bare + 1ull) << KF_PAGE_SHIFT, w->align);
	}
	return NONE;
}

/* The free area with the lowest place for the wish; 0: none. */
static u32 first_fit(const struct kf_percpu *pc, const struct wish *w, u32 *place)
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

/* Take `size` bytes at `place` out of the free area; 0: no record left. */
static u32 carve(struct kf_percpu *pc, u32 id, u32 place, u32 size)
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
	touch_pages(pc, area(id), true);
	return id;
}

static void give_area(struct kf_percpu *pc, u32 id, struct kf_list *frames);

/* Memory for the pages of a new area, and some more to have at hand. */
static bool populate_area(struct kf_percpu *pc, u32 id, u32 gfp)
{
	u32 last = (area(id)->start + area(id)->size - 1) >> KF_PAGE_SHIFT;
	u32 end = chunk_end(chunk_of(area(id)->start)) >> KF_PAGE_SHIFT;
	u32 page = area(id)->start >> KF_PAGE_SHIFT;

	for (; page <= last; page++)
		if (!populate(pc, page, gfp))
			return false;
	while (pc->empty < EMPTY_LOW && page < end)
		if (!populate(pc, page++, gfp | KF_GFP_NOWARN))
			break;
	return true;
}

/* The id of a live area, or 0 with the kernel's word for it and frames to give back. */
static u32 take_area(struct kf_percpu *pc, const struct wish *w, u32 gfp, const char **why,
		     struct kf_list *frames)
{
	u32 place, id = first_fit(pc, w, &place);

	if (!id && w->atomic) {
		*why = "atomic alloc failed, no space left";
		return 0;
	}
	if (!id && grow(pc))
		id = first_fit(pc, w, &place);
	if (id)
		id = carve(pc, id, place, w->size);
	if (!id) {
		*why = "failed to allocate new chunk";
		return 0;
	}
	if (w->atomic || populate_area(pc, id, gfp))
		return id;
	*why = "failed to populate";
	give_area(pc, id, frames);
	return 0;
}

static void complain(struct kf_percpu *pc, size_t size, size_t align, const char *why)
{
	if (!pc->warnings_left)
		return;
	kf_log(KF_LOG_WARNING, "percpu: allocation failed, size=%zu align=%zu atomic=%d, %s", size,
	       align, 0, why);
	kf_dump_stack(KF_LOG_WARNING);
	if (!--pc->warnings_left)
		kf_log(KF_LOG_INFO, "percpu: limit reached, disable warning");
}

static void fill_object(const struct kf_percpu_area *a, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = KF_PERCPU,
		.live = a->live,
		.addr = (void *)(uintptr_t)a->start,
		.size = a->requested,
		.usable = a->size,
		.gfp = a->gfp,
		.seq = a->seq,
		.alloc_tag = a->alloc_tag,
	};
}

static u64 announce(struct kf_percpu_area *a, size_t size, size_t align, u32 gfp)
{
	struct kf_object obj;

	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		memset(kf_per_cpu_ptr(a->start, cpu), 0, a->size);
	a->requested = (u32)size;
	a->gfp = gfp;
	a->seq = kf_next_seq();
	a->alloc_tag = 0;
	fill_object(a, &obj);
	obj.align = (u32)align;
	a->alloc_tag = kf_hooks.allocated(&obj);
	return a->start;
}

static bool sane(size_t size, size_t align)
{
	return size && size <= KF_PCPU_MIN_UNIT_SIZE && align <= KF_PAGE_SIZE &&
	       !(align & (align - 1));
}

static u64 insane(size_t size, size_t align, u32 gfp)
{
	if (gfp & KF_GFP_NOWARN)
		return 0;
	kf_log(KF_LOG_WARNING, "illegal size (%zu) or align (%zu) for percpu allocation", size,
	       align);
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "illegal size or align for percpu allocation");
	return 0;
}

/* mutex_lock_killable(&pcpu_alloc_mutex): a task that is being killed does not wait. */
static bool killed(u32 gfp)
{
	return (gfp & KF_GFP_DIRECT_RECLAIM) && !(gfp & KF_GFP_NOFAIL) &&
	       (kf_hooks.task() & KF_TASK_KILLED);
}

u64 kf_alloc_percpu(size_t size, size_t align, u32 gfp)
{
	struct kf_request req = {.kind = KF_PERCPU, .size = size, .gfp = gfp};
	struct kf_percpu *pc = pcpu();
	const char *why = NULL;
	struct kf_list frames;
	struct wish w;
	u32 id;

	align = align < UNIT ? UNIT : align;
	if (!sane(size, align))
		return insane(size, align, gfp);
	if (!kf_permitted(&req) || killed(gfp) || !pc->areas)
		return 0;
	w = (struct wish){
		.size = (u32)kf_align_up(size, UNIT),
		.align = (u32)align,
		.atomic = !(gfp & KF_GFP_DIRECT_RECLAIM),
	};
	kf_list_init(&frames);
	kf_lock(&pc->lock);
	id = take_area(pc, &w, gfp & POPULATE_GFP, &why, &frames);
	if (id) {
		u32 slot = area(id)->start / UNIT;

		pc->owner[slot] = id;
		pc->freed[slot / 64] &= ~(1ull << (slot % 64));
	}
	kf_unlock(&pc->lock);
	give_frames(&frames);
	if (id)
		return announce(area(id), size, align, gfp);
	if (!w.atomic && !(gfp & KF_GFP_NOWARN))
		complain(pc, size, align, why);
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------------------------------- */

/* Id of the live area with this cookie, or 0. */
static u32 area_of(u64 cookie)
{
	const struct kf_percpu *pc = pcpu();

	if (!pc->areas || cookie >= kf_layout()->percpu_unit || cookie % UNIT)
		return 0;
	return pc->owner[cookie / UNIT];
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

static void give_area(struct kf_percpu *pc, u32 id, struct kf_list *frames)
{
	u32 next = area(id)->next, prev = area(id)->prev, chunk = chunk_of(area(id)->start);

	touch_pages(pc, area(id), false);
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

static bool was_freed(u64 cookie)
{
	const struct kf_percpu *pc = pcpu();
	u64 slot = cookie / UNIT;

	return pc->areas && cookie < kf_layout()->percpu_unit && !(cookie % UNIT) &&
	       (pc->freed[slot / 64] >> (slot % 64) & 1);
}

static void bad_free(u64 cookie)
{
	struct kf_object obj = {.kind = KF_PERCPU, .addr = (void *)(uintptr_t)cookie};

	if (was_freed(cookie))
		kf_tell(KF_BUG_DOUBLE_FREE, obj.addr, &obj, NULL,
			"free_percpu of an area that is free already");
	else
		kf_tell(KF_BUG_INVALID_FREE, obj.addr, NULL, NULL, "free_percpu of no live area");
}

void kf_free_percpu(u64 cookie)
{
	struct kf_percpu *pc = pcpu();
	u32 id = area_of(cookie);
	struct kf_list frames;
	struct kf_object obj;

	if (!cookie)
		return;
	if (!id) {
		bad_free(cookie);
		return;
	}
	fill_object(area(id), &obj);
	kf_hooks.freed(&obj);
	kf_list_init(&frames);
	kf_lock(&pc->lock);
	pc->owner[cookie / UNIT] = 0;
	pc->freed[cookie / UNIT / 64] |= 1ull << (cookie / UNIT % 64);
	give_area(pc, id, &frames);
	kf_unlock(&pc->lock);
	give_frames(&frames);
}

bool kf_percpu_object(u64 cookie, struct kf_object *out)
{
	u32 id = area_of(cookie);

	if (id)
		fill_object(area(id), out);
	return id != 0;
}

/* ---- looking ---------------------------------------------------------------------------------------------- */

void kf_percpu_stat(struct kf_percpu_stat *out)
{
	const struct kf_percpu *pc = pcpu();
	*out = (struct kf_percpu_stat){
		.chunks = pc->chunks,
		.live = pc->live,
		.populated_pages = pc->populated,
		.empty_pages = pc->empty,
		.frames = pc->nr_frames,
	};
}

static const char *validate_area(const struct kf_percpu *pc, u32 id, u32 expected_start,
				 bool *was_free)
{
	const struct kf_percpu_area *a = area(id);

	if (a->start != expected_start || !a->size)
		return "per-CPU areas do not tile their chunk";
	if (!a->live && *was_free)
		return "two free per-CPU areas are not merged";
	if (a->live && pc->owner[a->start / UNIT] != id)
		return "a per-CPU area is not found by its cookie";
	if (a->next && area(a->next)->prev != id)
		return "per-CPU areas are not linked both ways";
	if (a->live && bare_page(pc, a->start, a->size) != NONE)
		return "a live per-CPU area lies in a page without memory";
	*was_free = !a->live;
	return NULL;
}

static const char *validate_chunk(const struct kf_percpu *pc, u32 chunk, u64 *live, u64 *free)
{
	u32 at = chunk_start(chunk);
	bool was_free = false;

	for (u32 id = pc->first[chunk]; id; id = area(id)->next) {
		const char *wrong = validate_area(pc, id, at, &was_free);

		if (wrong)
			return wrong;
		at += area(id)->size;
		*live += area(id)->live;
		*free += !area(id)->live;
	}
	return at == chunk_end(chunk) ? NULL : "per-CPU areas do not fill their chunk";
}

const char *kf_percpu_validate(void)
{
	const struct kf_percpu *pc = pcpu();
	u64 live = 0, free = 0, listed = 0, empty = 0, chunks = 0;

	if (!pc->areas)
		return NULL;
	for (u32 chunk = 0; chunk < pc->nr_chunks; chunk++) {
		const char *wrong =
			pc->first[chunk] ? validate_chunk(pc, chunk, &live, &free) : NULL;

		if (wrong)
			return wrong;
		chunks += pc->first[chunk] != 0;
	}
	for (u32 id = pc->free; id && listed <= free; id = area(id)->free_next)
		listed++;
	for (u32 page = 0; page < kf_layout()->percpu_unit >> KF_PAGE_SHIFT; page++)
		empty += has_memory(pc, page) && !pc->page_areas[page];
	if (listed != free || live != pc->live || chunks != pc->chunks || empty != pc->empty)
		return "counts of per-CPU areas are wrong";
	return NULL;
}
