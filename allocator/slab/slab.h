/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slab caches and kmalloc. Follows mm/slub.c, mm/slab_common.c of 6.1: per-CPU slabs, per-node
 * partial list, size classes 8..8192 with 96 and 192, four kmalloc types, larger requests to the page
 * allocator, 4 MiB limit.
 *
 * Every object is guarded, always (see README.md for the layout): the bytes from the *requested*
 * size to the end of its slot, and a strip before it, hold 0xcc and are checked when it is freed and
 * by kf_slab_check(); a free object holds 0x6b, checked when it is handed out again and by
 * kf_slab_check(). Bookkeeping (requested size, tags, sequence number) lies apart from the objects, where
 * an overflow does not reach it. Freed objects are reused first in, first out within a slab, so that a
 * stale pointer stays visible for as long as possible.
 */
#ifndef KFAIL_ALLOCATOR_SLAB_H
#define KFAIL_ALLOCATOR_SLAB_H

#include "../core/hooks.h"

/* SLAB_* flags, include/linux/slab.h of 6.1. */
enum {
	KF_SLAB_HWCACHE_ALIGN = 0x2000,
	KF_SLAB_CACHE_DMA = 0x4000,
	KF_SLAB_CACHE_DMA32 = 0x8000,
	KF_SLAB_RECLAIM_ACCOUNT = 0x20000,
	KF_SLAB_PANIC = 0x40000,
	KF_SLAB_TYPESAFE_BY_RCU = 0x80000,
};

#define KF_KMALLOC_MAX_CACHE_SIZE 8192ul
#define KF_KMALLOC_MAX_SIZE	  (KF_PAGE_SIZE << (KF_MAX_ORDER - 1))

enum kf_kmalloc_type {
	KF_KMALLOC_NORMAL,
	KF_KMALLOC_CGROUP,
	KF_KMALLOC_RECLAIM,
	KF_KMALLOC_DMA,
	KF_NR_KMALLOC_TYPES
};

/* Create the kmalloc caches. Once, after kf_memblock_free_all(). 0 or -ENOMEM. */
int kf_slab_init(void);

/* kmem_cache_create(). `name` is copied. NULL: refused, no memory, or insane parameters. Asks and
 * tells as KF_CACHE. Process context. */
struct kf_cache *kf_cache_create(const char *name, size_t size, size_t align, u32 flags,
				 void (*ctor)(void *));
/* kmem_cache_destroy(). With live objects: KF_BUG_CACHE_NOT_EMPTY, and the cache stays. */
void kf_cache_destroy(struct kf_cache *cache);
/* kmem_cache_shrink(): give empty slabs back; 0 when none is left. */
int kf_cache_shrink(struct kf_cache *cache);

const char *kf_cache_name(const struct kf_cache *cache);
size_t kf_cache_object_size(const struct kf_cache *cache);
bool kf_cache_has_ctor(const struct kf_cache *cache);

/* kmem_cache_alloc() and kmem_cache_free(). */
void *kf_cache_alloc(struct kf_cache *cache, u32 gfp);
void kf_cache_free(struct kf_cache *cache, void *object);
/* All n objects or none (returns n or 0); one request. */
size_t kf_cache_alloc_bulk(struct kf_cache *cache, u32 gfp, size_t n, void **objects);
/* cache NULL: kfree_bulk, mixed caches and large blocks allowed. */
void kf_cache_free_bulk(struct kf_cache *cache, size_t n, void **objects);

/* kmalloc(): ZERO_SIZE_PTR for 0, the page allocator above 8 KiB, NULL above 4 MiB (KF_BUG_WARN
 * unless __GFP_NOWARN). */
void *kf_kmalloc(size_t size, u32 gfp);
/* The caller chose the size class already (kmalloc_trace): requested size `size` from `cache`. */
void *kf_kmalloc_trace(struct kf_cache *cache, u32 gfp, size_t size);
void kf_kfree(const void *object);
/* krealloc(): in place when the bucket holds `size`; the guard then moves to the new size. */
void *kf_krealloc(const void *object, size_t size, u32 gfp);
/* Bytes usable; from then on the guard of this object starts at that size, since the caller may use it. */
size_t kf_ksize(const void *object);
/* Size of the bucket that kmalloc(size) is served from. */
size_t kf_kmalloc_size_roundup(size_t size);

/* Size class table: the cache for type and index (kmalloc_index(): 1 is 96, 2 is 192, else log2). */
struct kf_cache *kf_kmalloc_cache(enum kf_kmalloc_type type, unsigned index);

/* Check guards and poison of one object, or of all objects of all caches; each damage is told as a
 * bug. Returns the number of damaged objects. */
unsigned kf_slab_check_object(const void *object);
unsigned kf_slab_check(void);

/* Invariants of all caches: NULL when they hold, else a sentence. */
const char *kf_slab_validate(void);

/* Call fn for each cache, oldest first. */
void kf_cache_for_each(void (*fn)(struct kf_cache *cache, void *arg), void *arg);

struct kf_cache_stat {
	size_t object_size, slot_size, align;
	u32 order, objects_per_slab;
	u64 slabs, objects, active;
	u64 allocs, frees;
};
void kf_cache_stat(const struct kf_cache *cache, struct kf_cache_stat *out);

#endif
