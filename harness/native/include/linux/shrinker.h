/* SPDX-License-Identifier: GPL-2.0-only */
/* Shrinkers: called by an allocation that may reclaim, when memory is short. */
#ifndef KFAIL_LINUX_SHRINKER_H
#define KFAIL_LINUX_SHRINKER_H

#include "compiler.h"
#include "gfp_types.h"
#include "types.h"

struct mem_cgroup;

struct shrink_control {
	gfp_t gfp_mask;
	int nid;
	unsigned long nr_to_scan;
	unsigned long nr_scanned;
	struct mem_cgroup *memcg;
};

#define SHRINK_STOP   (~0UL)
#define SHRINK_EMPTY  (~0UL - 1)
#define DEFAULT_SEEKS 2

#define SHRINKER_REGISTERED  (1 << 0)
#define SHRINKER_NUMA_AWARE  (1 << 1)
#define SHRINKER_MEMCG_AWARE (1 << 2)
#define SHRINKER_NONSLAB     (1 << 3)

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *, struct shrink_control *sc);
	long batch;
	int seeks;
	unsigned int flags;
	struct list_head list;
	long *nr_deferred;
};

int __printf(2, 3) prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...);
void register_shrinker_prepared(struct shrinker *shrinker);
void free_prealloced_shrinker(struct shrinker *shrinker);
int __printf(2, 3) register_shrinker(struct shrinker *shrinker, const char *fmt, ...);
void unregister_shrinker(struct shrinker *shrinker);
void synchronize_shrinkers(void);

#endif
