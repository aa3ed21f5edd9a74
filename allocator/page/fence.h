/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fenced memory (--guard): blocks of pages with inaccessible pages around them, which become inaccessible themselves when
 * they are freed. The idea is mm/kfence of 6.1: whoever touches what is not his is stopped at that very
 * instruction, reads too.
 */
#ifndef KFAIL_ALLOCATOR_FENCE_H
#define KFAIL_ALLOCATOR_FENCE_H

#include "../core/hooks.h"

/* Which end of its pages an object is put against. */
enum kf_fence_edge {
	KF_FENCE_RIGHT, /* what runs over its end is caught, but for the bytes that its alignment costs */
	KF_FENCE_LEFT, /* what runs out before its start is caught */
	KF_FENCE_BOTH, /* one or the other, by the seed and the number of the request */
};

struct kf_fence_policy {
	u32 every; /* of the requests for objects and pages each so-many-th is fenced; 0: none */
	enum kf_fence_edge edge;
	u64 seed; /* with which of them it begins, and which edge */
};

/*
 * From now on requests are fenced: slab objects of guarded caches, large kmalloc and blocks of pages. Once per
 * world, when it stands, no snapshot protects its pages, and before the kf_mapping_mark() that counts; it takes its pool of frames from the buddy allocator then.
 * What does not fit is served as without it: DMA zones, blocks above KF_FENCE_MAX_ORDER, alignments above a page, and
 * everything when the pool is full of live blocks. 0, or -ENOMEM: there are no frames for a pool.
 */
int kf_fence_start(const struct kf_fence_policy *policy);

/* Has this world fenced memory? */
bool kf_fence_active(void);

/* Would an access to this address fault, because its page is fenced off? Any address; async-signal-safe. */
bool kf_fence_hidden(u64 addr);

struct kf_fence_stat {
	u64 asked;	 /* requests since the start, of this run */
	u64 fenced;	 /* of those */
	u64 passed_over; /* it was their turn, but they do not fit, or the pool was full */
	u64 live;	 /* pages in use now */
};
void kf_fence_stat(struct kf_fence_stat *out);

#endif
