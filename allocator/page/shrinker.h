/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shrinkers: who can give memory back when it is short. Follows include/linux/shrinker.h and do_shrink_slab() of
 * mm/vmscan.c of 6.1. For native programs; the rehosted kernel keeps its own list and is asked through the hook
 * `reclaim`.
 */
#ifndef KFAIL_ALLOCATOR_SHRINKER_H
#define KFAIL_ALLOCATOR_SHRINKER_H

#include "../core/types.h"

#define KF_SHRINK_STOP	 (~0ul)	    /* scan_objects: no progress is possible now */
#define KF_SHRINK_EMPTY	 (~0ul - 1) /* count_objects: there are none at all */
#define KF_SHRINK_BATCH	 128
#define KF_DEFAULT_SEEKS 2

struct kf_shrink_control {
	u32 gfp_mask; /* of the request that is short of memory: what the shrinker may do */
	int nid;
	unsigned long nr_to_scan;
	unsigned long nr_scanned; /* the shrinker may say that it looked at more or fewer */
	void *memcg;
};

/* The first fields are those of struct shrinker. */
struct kf_shrinker {
	/* Objects that could be freed; 0: unknown or none worth while. Must not allocate. */
	unsigned long (*count_objects)(struct kf_shrinker *, struct kf_shrink_control *sc);
	/* Free up to sc->nr_to_scan objects; how many were freed, or KF_SHRINK_STOP. */
	unsigned long (*scan_objects)(struct kf_shrinker *, struct kf_shrink_control *sc);
	long batch; /* objects per call; 0: 128 */
	int seeks;  /* cost of making an object again; 2 is usual, 0: free */
	unsigned flags;
	struct kf_list list;
	s64 *nr_deferred; /* work put off so far; the registrant's memory */
};

/* Put a shrinker at the end of the list; take it off, and it is not called any more. Not from within a shrinker,
 * where the kernel would wait for itself (told as KF_BUG_CONTEXT, nothing done). */
void kf_shrinker_add(struct kf_shrinker *shrinker);
void kf_shrinker_del(struct kf_shrinker *shrinker);

/* Shrinkers are running, so the list cannot change: who wants to change it has to wait. */
bool kf_shrinkers_busy(void);

/* shrink_slab(): ask all shrinkers, `priority` 12 (gently) to 0 (everything). Objects that they say they freed; 0
 * when the list is in use. */
unsigned long kf_shrink_slab(u32 gfp, int priority);

#endif
