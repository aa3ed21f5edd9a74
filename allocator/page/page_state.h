/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: the state of zones, the record of each frame, and of early memory.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_STATE_H
#define KFAIL_ALLOCATOR_PAGE_STATE_H

#include "../core/base.h"
#include "memblock_state.h"
#include "page_alloc.h"

/* ---- one record per frame ---------------------------------------------------------------- */

enum kf_frame_state {
	KF_FRAME_INNER, /* inside a block, or never given to the buddy allocator */
	KF_FRAME_FREE,	/* head of a free block */
	KF_FRAME_BLOCK, /* head of an allocated block */
	KF_FRAME_SLAB,	/* every frame of a slab */
};

enum {
	KF_FRAME_TOLD = 1,  /* the hooks know of it */
	KF_FRAME_LIVE = 2,  /* the record describes a live object, else a freed one */
	KF_FRAME_KNOWN = 4, /* the record describes an object at all */
};

/* Dense, because a run that touches eleven objects should dirty few pages. */
struct kf_frame {
	u8 state;
	u8 order; /* FREE, BLOCK */
	u8 flags; /* KF_FRAME_* of the object that starts here */
	u8 kind;  /* enum kf_kind of that object */
	u32 gfp;
	union {
		struct kf_slab *slab; /* SLAB */
		u64 seq;
	};
	u32 alloc_tag, free_tag;
	u32 size;   /* requested bytes; 0 together with KNOWN: part of an exact block */
	u32 frames; /* frames of the object when it was allocated */
};
_Static_assert(sizeof(struct kf_frame) == 32, "128 frames per page of bookkeeping");

/* ---- zones ---------------------------------------------------------------------------------- */

/* free == sum of nr_free[o] << o; bit o of nonempty is set when nr_free[o] != 0. */
struct kf_zone {
	u32 lock;
	u32 nonempty;
	u64 start_pfn, end_pfn;
	u64 managed, free;
	u64 nr_free[KF_MAX_ORDER];
	struct kf_list list[KF_MAX_ORDER];
};

struct kf_page_state {
	struct kf_zone zone[KF_NR_ZONES];
	struct kf_frame *frames;
	u64 *poisoned; /* one bit per frame: holds KF_BYTE_PAGE throughout */
	u64 nr_frames;
};

/* buddy.c: no hooks, no checks; the caller fills the frame record. */
u64 kf_buddy_take(u32 gfp, unsigned order);
void kf_buddy_give(u64 pfn, unsigned order);
void kf_buddy_init(void);
void kf_buddy_seed(u64 pfn, u64 end); /* memblock's memory, for the first time */
bool kf_frame_bit(u64 pfn);
bool kf_frame_object(u64 pfn, struct kf_object *out);
void kf_frame_fill_object(u64 pfn, const struct kf_frame *frame, struct kf_object *out);
unsigned kf_pages_check(void);

/* page_alloc.c: what kmalloc needs of it. */
struct page *kf_pages_take(u32 gfp, unsigned order, enum kf_kind kind);
void kf_pages_put_back(struct page *page, unsigned order, bool poison);

#endif
