/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the allocators: what the kin keep in the world, but for per-CPU memory. */
#ifndef KFAIL_ALLOCATOR_KIN_STATE_H
#define KFAIL_ALLOCATOR_KIN_STATE_H

#include "../core/base.h"

/* One block of coherent memory; freed ones stay for a while, so that a second free is known as one. */
struct kf_dma_block {
	struct kf_dma_block *next;
	const void *owner;
	u64 handle;
	void *addr;
	size_t size;
	bool live;
};

struct kf_dma_state {
	u32 lock;
	u32 dead; /* blocks on the list that were freed */
	struct kf_dma_block *blocks;
	struct kf_dma_pool *pools;   /* newest first */
	struct kf_dma_guard *guards; /* of pools whose blocks are objects */
};

/* ---- kmap ---------------------------------------------------------------------------------------------------- */

#define KF_LAST_PKMAP 512u /* LAST_PKMAP with 8-byte page table entries */
#define KF_KM_MAX_IDX 16u  /* KM_MAX_IDX */

/* One slot of kmap(): a page, and how many want it. */
struct kf_pkmap {
	u64 pfn;   /* frame + 1; 0: unused */
	u32 count; /* users; a slot without users stays mapped until the pool is flushed */
};

struct kf_kmap_state {
	u32 lock;
	u32 last; /* slot that was looked at last */
	struct kf_pkmap slots[KF_LAST_PKMAP];
	u32 *depth; /* of each CPU: local mappings that are in use */
	u64 *local; /* [cpu * KF_KM_MAX_IDX + depth]: frame + 1, bit 63: through the window */
};

int kf_kmap_init(void);

#endif
