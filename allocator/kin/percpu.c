// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU areas: offsets into a unit that every CPU has. Follows mm/percpu.c of 6.1. Here is what callers see: requests
 * and frees; percpu_chunk.c finds the place, percpu_page.c the memory, percpu_validate.c recounts.
 *
 *	unit    | static, and 28 KiB: chunk 0 | chunk 1, 64 KiB | chunk 2 | ..... |
 *	chunk   |live 1|free 2|live 3|.......free 4.......|
 *	pages   |  has memory  |  has memory  | none | none |
 *
 * The pages of a chunk get memory when an area first touches them, one frame of the page allocator for each CPU, so that a
 * machine without memory is noticed here too. The bytes themselves lie at fixed addresses (struct kf_layout).
 *
 * A request that must not sleep gets only pages that have memory. To keep some at hand, a request that may sleep leaves
 * at least EMPTY_LOW pages with memory and without areas behind, as the kernel's balance work would a
 * little later. Areas are multiples of 4 bytes, never cross a chunk, and go to the lowest address that fits.
 *
 * owner[offset / 4] names the live area that starts at an offset, so a free finds its area at once; the bit in
 * `freed` tells a second free from a wild one. Lock: percpu->lock, for everything in these files; the hooks are called and
 * frames are taken without it.
 */
#include <string.h>

#include "../core/extents.h"
#include "percpu_base.h"

#define EMPTY_LOW 2u /* PCPU_EMPTY_POP_PAGES_LOW */
/* pcpu_gfp */
#define POPULATE_GFP (KF_GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_NOWARN)

/* ---- allocation -------------------------------------------------------------------------------------------- */

/* Memory for the pages of a new area, and some more to have at hand. */
static bool populate_area(struct kf_percpu *pc, u32 id, u32 gfp)
{
	u32 last = (area(id)->start + area(id)->size - 1) >> KF_PAGE_SHIFT;
	u32 end = kf_percpu_chunk_end(kf_percpu_chunk_of(area(id)->start)) >> KF_PAGE_SHIFT;
	u32 page = area(id)->start >> KF_PAGE_SHIFT;

	for (; page <= last; page++)
		if (!kf_percpu_populate(pc, page, gfp))
			return false;
	while (pc->empty < EMPTY_LOW && page < end)
		if (!kf_percpu_populate(pc, page++, gfp | KF_GFP_NOWARN))
			break;
	return true;
}

/* The id of a live area, or 0 with the kernel's word for it and frames to give back. */
static u32 take_area(struct kf_percpu *pc, const struct kf_percpu_wish *w, u32 gfp,
		     const char **why, struct kf_list *frames)
{
	u32 place, id = kf_percpu_first_fit(pc, w, &place);

	if (!id && w->atomic) {
		*why = "atomic alloc failed, no space left";
		return 0;
	}
	if (!id && kf_percpu_grow(pc))
		id = kf_percpu_first_fit(pc, w, &place);
	if (id)
		id = kf_percpu_carve(pc, id, place, w->size);
	if (!id) {
		*why = "failed to allocate new chunk";
		return 0;
	}
	if (w->atomic || populate_area(pc, id, gfp))
		return id;
	*why = "failed to populate";
	kf_percpu_give(pc, id, frames);
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

/* `size` bytes of the area of each CPU; what is behind them is nobody's. */
static void tell_bytes(const struct kf_percpu_area *a, size_t size, enum kf_bytes state)
{
	for (unsigned cpu = 0; kf_watched && cpu < kf_layout()->nr_cpus; cpu++) {
		const char *p = kf_per_cpu_ptr(a->start, cpu);

		kf_tell_bytes(p, size, state);
		kf_tell_bytes(p + size, a->size - size, KF_BYTES_NOBODYS);
	}
}

static u64 announce(struct kf_percpu_area *a, size_t size, size_t align, u32 gfp)
{
	struct kf_object obj;

	tell_bytes(a, a->size, KF_BYTES_KNOWN);
	kf_percpu_check_graves(a);
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		memset(kf_per_cpu_ptr(a->start, cpu), 0, a->size);
	a->requested = (u32)size;
	kf_percpu_guard_put(a);
	tell_bytes(a, size, KF_BYTES_KNOWN);
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
	struct kf_percpu_wish w;
	u32 id;

	align = align < UNIT ? UNIT : align;
	if (!sane(size, align))
		return insane(size, align, gfp);
	if (!kf_permitted(&req) || killed(gfp) || !pc->areas)
		return 0;
	w = (struct kf_percpu_wish){
		.size = (u32)kf_align_up(size + kf_percpu_guard_size(), UNIT),
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
	kf_percpu_give_frames(&frames);
	if (id)
		return announce(area(id), size, align, gfp);
	if (!w.atomic && !(gfp & KF_GFP_NOWARN))
		complain(pc, size, align, why);
	return 0;
}

/* ---- freeing ----------------------------------------------------------------------------------------------- */

/* Id of the live area with this cookie, or 0. */
static u32 area_of(u64 cookie)
{
	const struct kf_percpu *pc = pcpu();

	if (!pc->areas || cookie >= kf_layout()->percpu_unit || cookie % UNIT)
		return 0;
	return pc->owner[cookie / UNIT];
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
	tell_bytes(area(id), area(id)->size, KF_BYTES_KNOWN);
	fill_object(area(id), &obj);
	kf_percpu_check_object(&obj);
	obj.free_tag = kf_hooks.freed(&obj);
	kf_percpu_bury(&obj);
	tell_bytes(area(id), 0, KF_BYTES_NOBODYS);
	kf_list_init(&frames);
	kf_lock(&pc->lock);
	pc->owner[cookie / UNIT] = 0;
	pc->freed[cookie / UNIT / 64] |= 1ull << (cookie / UNIT % 64);
	kf_percpu_give(pc, id, &frames);
	kf_unlock(&pc->lock);
	kf_percpu_give_frames(&frames);
}

bool kf_percpu_object(u64 cookie, struct kf_object *out)
{
	u32 id = area_of(cookie);

	if (id)
		fill_object(area(id), out);
	return id != 0;
}

void kf_percpu_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg)
{
	struct kf_object out;

	for (u32 id = 1; id <= pcpu()->nr_records; id++) {
		if (!area(id)->live)
			continue;
		fill_object(area(id), &out);
		fn(&out, arg);
	}
}
