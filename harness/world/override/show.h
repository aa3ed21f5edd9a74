/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the override layer that show the allocators' numbers share (show.c, slab_sysfs.c). */
#ifndef KFAIL_OVERRIDE_SHOW_H
#define KFAIL_OVERRIDE_SHOW_H

#include <linux/kobject.h>
#include <linux/local_lock.h>
#include <linux/reciprocal_div.h>
#include <linux/slab.h>

/* slub_def.h expects mm/slab.h before it, for inline functions that nobody calls here. */
struct slab {
	unsigned int objects;
};
static inline void *slab_address(const struct slab *slab)
{
	return NULL;
}
#include <linux/slub_def.h>
#include "picture.h"

/* harness/world/picture.c. A picture is taken unless one is held; what follows reads it. False, or NULL: there is no
 * n-th. Pointers stay valid until the next picture. */
void host_picture_take(void);
bool host_picture_cache(unsigned int n, struct kf_cache_picture *out);
bool host_picture_zone(unsigned int n, struct kf_zone_picture *out);
bool host_picture_area(unsigned int n, struct kf_area_picture *out);
void host_picture_memory(struct kf_memory_picture *out);
const char *host_picture_pagetypeinfo(unsigned int n);
/* The n-th line of alloc_traces or free_traces of a cache. */
const char *host_traces_line(const void *cache, bool alloc, unsigned int n);

/* A cache of ours as the kernel's code wants to see one. The array of nodes at its end is cut off: nobody looks. */
struct kf_cache_shown {
	struct kf_cache_picture picture;
	struct kmem_cache cache;
};
#define KF_CACHE_SHOWN_SIZE (offsetof(struct kf_cache_shown, cache.node) + sizeof(void *))

void kf_show_cache(struct kf_cache_shown *shown, const struct kf_cache_picture *picture);

/* slab_sysfs.c: make the directories of all caches, once. */
void kf_add_slab_directories(void);
void kf_add_slab_traces(void);

#endif
