/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory pools: a reserve of elements for those who must go on when memory is short. Follows mm/mempool.c and
 * include/linux/mempool.h of 6.1. A pool is a client of the other allocators: what it allocates are requests
 * of their own, as in the kernel (create: the pool, its array, min_nr elements).
 */
#ifndef KFAIL_ALLOCATOR_MEMPOOL_H
#define KFAIL_ALLOCATOR_MEMPOOL_H

#include "../core/types.h"

struct kf_cache;

/* Make and free one element; code of whoever made the pool. */
typedef void *kf_mempool_alloc_fn(u32 gfp, void *pool_data);
typedef void kf_mempool_free_fn(void *element, void *pool_data);

/* Where elements come from; pool_data is below. */
enum kf_mempool_kind {
	KF_MEMPOOL_CUSTOM,  /* the two functions, with whatever pool_data they want */
	KF_MEMPOOL_SLAB,    /* a struct kf_cache, which must have no constructor */
	KF_MEMPOOL_KMALLOC, /* the size */
	KF_MEMPOOL_PAGES,   /* the order; elements are struct pages */
};

/* mempool_t: 72 bytes, like the kernel's, so that structures that hold one have the kernel's size. */
struct kf_mempool {
	u32 lock;
	s32 min_nr;  /* elements that the reserve should hold */
	s32 curr_nr; /* elements that it holds */
	u32 kind;    /* enum kf_mempool_kind */
	void **elements;
	void *pool_data;
	kf_mempool_alloc_fn *alloc; /* KF_MEMPOOL_CUSTOM only */
	kf_mempool_free_fn *free;
	u64 out; /* elements handed out and not back yet */
	u64 unused[2];
};
_Static_assert(sizeof(struct kf_mempool) == 72, "mempool_t has the kernel's size");

/* What elements are made of: for mempool_create() and mempool_init(). */
struct kf_mempool_source {
	enum kf_mempool_kind kind;
	kf_mempool_alloc_fn *alloc;
	kf_mempool_free_fn *free;
	void *pool_data;
};

/*
 * mempool_create(): a pool with min_nr elements in reserve, made with gfp. NULL: no memory, everything is given back
 * then. min_nr may be 0. May sleep if gfp says so. Pairs with kf_mempool_destroy().
 */
struct kf_mempool *kf_mempool_create(int min_nr, const struct kf_mempool_source *source, u32 gfp);
/* mempool_destroy(): NULL is fine. Elements that are out are told (KF_BUG_POOL_BUSY); they stay what they are. */
void kf_mempool_destroy(struct kf_mempool *pool);

/* mempool_init(), mempool_exit(): the same in the caller's memory. 0 or -ENOMEM. kf_mempool_exit() of a zeroed pool,
 * and a second one, do nothing. */
int kf_mempool_init(struct kf_mempool *pool, int min_nr, const struct kf_mempool_source *source,
		    u32 gfp);
void kf_mempool_exit(struct kf_mempool *pool);

/*
 * mempool_resize(): another min_nr, above 0 (else -EINVAL with a warning; the kernel has a BUG_ON). Shrinking frees
 * what is too much. 0, also when memory was short and the reserve is not full yet; -ENOMEM when there was none for a
 * longer array. May sleep.
 */
int kf_mempool_resize(struct kf_mempool *pool, int new_min_nr);

/*
 * mempool_alloc(): first from the source, without reclaim; then from the reserve; then from the source with all of
 * gfp; then waits (hook `wait`) and tries again. NULL only if gfp has no __GFP_DIRECT_RECLAIM. Never asks for zeroed
 * memory: __GFP_ZERO is told and dropped.
 */
void *kf_mempool_alloc(struct kf_mempool *pool, u32 gfp);
/* mempool_free(): NULL is fine. Fills the reserve first. An element that lies in the reserve already is told
 * as a double free. Any context that the source's own free may be called in. */
void kf_mempool_free(void *element, struct kf_mempool *pool);

#endif
