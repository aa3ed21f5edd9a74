/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the allocators: per-CPU areas. */
#ifndef KFAIL_ALLOCATOR_PERCPU_STATE_H
#define KFAIL_ALLOCATOR_PERCPU_STATE_H

#include "../core/base.h"
#include "percpu.h"

/* Areas tile [percpu_static, percpu_unit); two neighbours are never both free. */
struct kf_chunk {
	u32 start, size;
	u32 prev, next;		  /* by address; ids, 0 is none */
	u32 free_prev, free_next; /* free areas, any order */
	u32 requested, gfp;
	u32 alloc_tag, live;
	u64 seq;
};

struct kf_percpu {
	u32 lock;
	u32 first, free, spare; /* ids */
	u32 nr_chunks;		/* records in use or spare */
	u32 live;
	struct kf_chunk *chunks;
	u32 *owner; /* id of the live area that starts at this multiple of 8 */
};

int kf_percpu_init(void);

#endif
