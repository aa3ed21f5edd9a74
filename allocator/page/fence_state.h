/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: the pool of fenced memory.
 */
#ifndef KFAIL_ALLOCATOR_FENCE_STATE_H
#define KFAIL_ALLOCATOR_FENCE_STATE_H

#include "../core/base.h"
#include "fence.h"

#define KF_FENCE_CHUNKS	      16u /* at most: 64 MiB */
#define KF_FENCE_CHUNK_ORDER  (KF_MAX_ORDER - 1)
#define KF_FENCE_CHUNK_FRAMES (1u << KF_FENCE_CHUNK_ORDER)
/* The largest block that fits into a chunk with an inaccessible page on each side. */
#define KF_FENCE_MAX_ORDER (KF_FENCE_CHUNK_ORDER - 2)

/* World memory. Frame i of the pool is frame i % KF_FENCE_CHUNK_FRAMES of chunk i / KF_FENCE_CHUNK_FRAMES. */
struct kf_fence {
	u32 lock;
	u32 every, edge;
	u64 seed, asked, fenced, passed_over;
	u32 nr_chunks;
	u32 cursor; /* where the next block is looked for */
	u32 nr_busy;
	u64 chunk[KF_FENCE_CHUNKS]; /* first frames */
	u8 *chunk_of; /* by frame / KF_FENCE_CHUNK_FRAMES: number of the chunk + 1; 0: none */
	u64 *busy;    /* one bit per frame of the pool: of a live block */
	struct kf_fenced
		*objects; /* slab/fenced.c: by the frame of the pool that a block begins with */
};

/* Is it this request's turn? Counts it; false when nothing is fenced. */
bool kf_fence_turn(u32 gfp);
/* It was its turn, and it cannot be fenced. */
void kf_fence_pass_over(void);
/* The edge for the request that was counted last. */
enum kf_fence_edge kf_fence_edge(void);

/* 2^order frames with inaccessible ones around them, accessible, in no state; KF_NO_PFN: passed over. */
u64 kf_fence_take(unsigned order);
/* Some frames of a block, or all: inaccessible from now on. Those that are not in use any more can be taken again when
 * all of the pool was taken once. */
void kf_fence_put(u64 pfn, unsigned order);
/* Whole pages of a live block behind its first `size` bytes become inaccessible too. */
void kf_fence_trim(u64 pfn, unsigned order, size_t size);

/* slab/fenced.c: memory for what fenced objects need, one for each frame; NULL: none. */
struct kf_fenced *kf_fenced_table(u64 frames);

/* Number of a frame in the pool; KF_NO_PFN: it is not of the pool. Then the frame of a number. */
u64 kf_fence_index(u64 pfn);
u64 kf_fence_frame(u64 index);

/* mapping.c: access as it was at the mark, before the bytes are put back; a fork's child moves its memory. */
void kf_fence_mark(unsigned which);
void kf_fence_rollback(unsigned which);
void kf_fence_lift(void);
void kf_fence_lower(void);
void kf_fence_exit(void);

#endif
