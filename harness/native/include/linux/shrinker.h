/* SPDX-License-Identifier: GPL-2.0-only */
/* Who can give memory back when it is short. */
#ifndef KFAIL_LINUX_SHRINKER_H
#define KFAIL_LINUX_SHRINKER_H

#include "atomic.h"
#include "gfp.h"
#include "list.h"
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

/* The size is the kernel's; the order of the last two fields is that of the allocators. */
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *, struct shrink_control *sc);
	long batch;
	int seeks;
	unsigned int flags;
	struct list_head list;
	atomic_long_t *nr_deferred;
	int id;
};

int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void register_shrinker_prepared(struct shrinker *shrinker);
int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void unregister_shrinker(struct shrinker *shrinker);
void free_prealloced_shrinker(struct shrinker *shrinker);
void synchronize_shrinkers(void);

#endif
