// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of the per-CPU unit: which have memory, and which are touched by areas. Follows mm/percpu-vm.c of 6.1.
 *
 *	page of the unit  |  frame of CPU 0  |  frame of CPU 1  | ..... |	has memory: all of them, or chunk 0
 *
 * A page gets memory when an area first touches it and keeps it until its chunk goes. Its frames are taken from the page
 * allocator only to be counted: the bytes lie at fixed addresses.
 *
 *	populated == pages with memory
 *	empty	  == pages with memory that no live area touches
 *	nr_frames == frames that are not 0
 *
 * Lock: percpu->lock is held by the caller. It is dropped while a frame is taken; frames that are given back are collected
 * under it and freed without it.
 */
#include "percpu_base.h"

void kf_percpu_set_memory(struct kf_percpu *pc, u32 page, bool has)
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
bool kf_percpu_populate(struct kf_percpu *pc, u32 page, u32 gfp)
{
	if (kf_percpu_has_memory(pc, page))
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
	if (!kf_percpu_has_memory(pc, page))
		kf_percpu_set_memory(pc, page, true);
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

void kf_percpu_depopulate(struct kf_percpu *pc, u32 page, u32 end, struct kf_list *frames)
{
	for (; page < end; page++) {
		if (kf_percpu_has_memory(pc, page))
			kf_percpu_set_memory(pc, page, false);
		collect_frames(pc, page, frames);
	}
}

void kf_percpu_give_frames(struct kf_list *frames)
{
	while (!kf_list_empty(frames)) {
		struct page *frame = kf_container(frames->next, struct page, lru);

		kf_list_del(&frame->lru);
		kf_free_pages_internal(frame, 0);
	}
}

void kf_percpu_touch(struct kf_percpu *pc, const struct kf_percpu_area *a, bool live)
{
	u32 last = (a->start + a->size - 1) >> KF_PAGE_SHIFT;

	for (u32 page = a->start >> KF_PAGE_SHIFT; page <= last; page++) {
		bool was_empty = !pc->page_areas[page];

		pc->page_areas[page] += live ? 1 : (u16)-1;
		if (kf_percpu_has_memory(pc, page))
			pc->empty += was_empty ? -1u : !pc->page_areas[page];
	}
}

u32 kf_percpu_bare_page(const struct kf_percpu *pc, u32 start, u32 size)
{
	u32 last = (start + size - 1) >> KF_PAGE_SHIFT;

	for (u32 page = start >> KF_PAGE_SHIFT; page <= last; page++)
		if (!kf_percpu_has_memory(pc, page))
			return page;
	return NONE;
}
