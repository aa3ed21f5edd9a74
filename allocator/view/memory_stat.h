/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sums over all zones and caches, for the views and for a kernel that shows them itself.
 */
#ifndef KFAIL_ALLOCATOR_VIEW_MEMORY_STAT_H
#define KFAIL_ALLOCATOR_VIEW_MEMORY_STAT_H

#include "../core/types.h"

/* All counts in pages. */
struct kf_memory_stat {
	u64 total, free;	   /* all zones */
	u64 high_total, high_free; /* of these, HighMem */
	u64 available;		   /* an estimate: si_mem_available() of mm/page_alloc.c */
	u64 slab_reclaimable, slab_unreclaimable; /* large kmalloc blocks among the latter */
	u64 vmalloc_total, vmalloc_used;
	u64 percpu;
};

/* Walks all frames and caches. */
void kf_memory_stat(struct kf_memory_stat *out);

#endif
