/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the files of per-CPU memory: what they call of each other. State: percpu_state.h. */
#ifndef KFAIL_ALLOCATOR_PERCPU_BASE_H
#define KFAIL_ALLOCATOR_PERCPU_BASE_H

#include "../core/state.h"

#define UNIT KF_PCPU_MIN_ALLOC_SIZE
#define NONE (~0u) /* no offset, no page */

/* What an area must be, in bytes, and whether it may lie only where memory is. */
struct kf_percpu_wish {
	u32 size, align;
	bool atomic;
};

static inline struct kf_percpu *pcpu(void)
{
	return &kf_state()->percpu;
}

static inline struct kf_percpu_area *area(u32 id)
{
	return &pcpu()->areas[id];
}

static inline bool kf_percpu_has_memory(const struct kf_percpu *pc, u32 page)
{
	return pc->has_memory[page / 64] >> (page % 64) & 1;
}

/* percpu_page.c: pages of the unit, by number. The lock is held, but for give_frames(). */
void kf_percpu_set_memory(struct kf_percpu *pc, u32 page, bool has);
/* Memory for a page; drops the lock for a while. False: there is none. */
bool kf_percpu_populate(struct kf_percpu *pc, u32 page, u32 gfp);
/* Pages [page, end) lose their memory; `frames` are to be given back without the lock. */
void kf_percpu_depopulate(struct kf_percpu *pc, u32 page, u32 end, struct kf_list *frames);
void kf_percpu_give_frames(struct kf_list *frames);
/* An area begins or ends to touch its pages. */
void kf_percpu_touch(struct kf_percpu *pc, const struct kf_percpu_area *a, bool live);
/* The first page of [start, start+size) without memory, or NONE. */
u32 kf_percpu_bare_page(const struct kf_percpu *pc, u32 start, u32 size);

/* percpu_guard.c: guards and poison; without the lock. Bytes that an area needs beside those asked for. */
u32 kf_percpu_guard_size(void);
void kf_percpu_guard_put(const struct kf_percpu_area *a);
/* An area was freed, and is still nobody else's: poison it, and remember it. */
void kf_percpu_bury(const struct kf_object *area);
/* An area was made where freed ones may have been, and nobody has written to it: look at them, and forget them. */
void kf_percpu_check_graves(const struct kf_percpu_area *a);

/* percpu_chunk.c: chunks, and the areas that tile them. The lock is held. */
u32 kf_percpu_chunk_start(u32 chunk);
u32 kf_percpu_chunk_end(u32 chunk);
u32 kf_percpu_chunk_of(u32 offset);
/* pcpu_create_chunk(): the lowest one that is not there. */
bool kf_percpu_grow(struct kf_percpu *pc);
/* The free area with the lowest place for the wish; 0: none. */
u32 kf_percpu_first_fit(const struct kf_percpu *pc, const struct kf_percpu_wish *w, u32 *place);
/* Take `size` bytes at `place` out of the free area; 0: no record left. */
u32 kf_percpu_carve(struct kf_percpu *pc, u32 id, u32 place, u32 size);
/* A live area is free, merges with its neighbours, and may take its chunk away. */
void kf_percpu_give(struct kf_percpu *pc, u32 id, struct kf_list *frames);

#endif
