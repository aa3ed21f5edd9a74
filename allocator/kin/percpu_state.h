/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the allocators: per-CPU areas. */
#ifndef KFAIL_ALLOCATOR_PERCPU_STATE_H
#define KFAIL_ALLOCATOR_PERCPU_STATE_H

#include "../core/base.h"
#include "percpu.h"

/* Areas tile each chunk; two neighbours are never both free. */
struct kf_percpu_area {
	u32 start, size;
	u32 prev, next;		  /* by address, in the chunk; ids, 0 is none */
	u32 free_prev, free_next; /* free areas of all chunks, any order */
	u32 requested, gfp;
	u32 alloc_tag, live;
	u64 seq;
};

#define KF_PERCPU_GUARD	 8u /* bytes behind what was asked for, at least */
#define KF_PERCPU_GRAVES 64u

struct kf_percpu {
	u32 lock;
	u32 free, spare;      /* ids: free areas; records without a use */
	u32 nr_records;	      /* in use or spare */
	u32 live;	      /* areas */
	u32 nr_chunks;	      /* that fit into the unit; chunk 0 is always there */
	u32 chunks;	      /* that are there */
	u32 warnings_left;    /* allocation failures that are still logged */
	u32 populated, empty; /* pages with memory; of these, pages without a live area */
	u64 chunk0_end, nr_frames;
	struct kf_percpu_area *areas;
	u32 *owner; /* id of the live area that starts at this multiple of 4 */
	u64 *freed; /* a bit for each multiple of 4: the area that last started here was freed */
	u32 *first; /* of each chunk: id of its first area; 0: there is no such chunk */
	u16 *page_areas; /* of each page of the unit: live areas that touch it */
	u64 *has_memory; /* a bit for each page of the unit */
	struct kf_object
		graves[KF_PERCPU_GRAVES]; /* freed areas (percpu_guard.c); `usable` 0: none */
	u32 next_grave;
	u32 *frames; /* [page * nr_cpus + cpu]: frame + 1; 0: none of the page allocator's */
};

int kf_percpu_init(void);
/* percpu_guard.c: damage of a live area (its guard) or of a freed one (its poison), told: on how many CPUs. */
unsigned kf_percpu_check_object(const struct kf_object *area);

#endif
