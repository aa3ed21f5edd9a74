/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: caches, slabs, and the records of objects.
 */
#ifndef KFAIL_ALLOCATOR_SLAB_STATE_H
#define KFAIL_ALLOCATOR_SLAB_STATE_H

#include "../core/base.h"
#include "slab.h"

#define KF_MAX_CACHES 4096u

enum {
	KF_REC_LIVE = 1u << 31,
	KF_REC_READY = 1u << 30, /* guards are in place */
	KF_REC_GFP = (1u << 28) - 1,
};

/* One object of a slab. */
struct kf_rec {
	u32 size;
	u32 state; /* KF_REC_*, and the gfp of the allocation */
	u32 alloc_tag, free_tag;
	u32 seq_low;
	u16 seq_high;
	u16 next; /* in the slab's queue of freed objects */
};
_Static_assert(sizeof(struct kf_rec) == 24, "24 bytes of bookkeeping per object");

#define KF_NO_INDEX 0xffffu

enum kf_slab_where { KF_SLAB_NOWHERE, KF_SLAB_ON_CPU, KF_SLAB_PARTIAL, KF_SLAB_FULL };

/*
 * One slab: 1 << order pages cut into slots. The header's memory is never used for anything but
 * slab headers, so a stale pointer may be locked and then checked.
 *   inuse + (queued objects) + (objects - fresh) == objects
 */
struct kf_slab {
	u32 lock;
	u8 where; /* FULL is entered under `lock`; PARTIAL and leaving it under the cache's lock */
	u8 order;
	u16 cpu; /* ON_CPU: whose */
	u16 objects, inuse;
	u16 fresh;	/* objects from here on were never handed out */
	u16 head, tail; /* queue of freed objects, oldest first */
	u16 pad[3];
	struct kf_cache *cache;
	char *base;
	struct kf_rec *recs;
	struct kf_list link; /* partial list; pool of free headers */
	struct kf_list all;  /* all slabs of the cache */
	u32 allocs, frees;
};

/* Objects start at first + i * stride; the guard bytes lie between them. */
struct kf_cache {
	struct kf_list link; /* all caches, oldest first; or the pool of dead ones */
	u32 lock;
	u32 id;
	u8 kind; /* enum kf_slab_kind */
	bool live, poison;
	u32 flags, gfp; /* gfp: zone bits of its pages */
	u32 object_size, align, first, stride, inverse;
	u32 tail; /* bytes that the last object of a slab needs behind it */
	u32 order, min_order, objects;
	u32 min_partial, nr_partial;
	struct kf_list partial, slabs;
	void (*ctor)(void *);
	u64 nr_slabs;
	u64 past_allocs, past_frees; /* of slabs given back */
	u64 seq;
	u32 alloc_tag, free_tag;
	char name[48];
};

/* What a CPU allocates from; CPU-major, so that all caches of a CPU share few pages. */
struct kf_slab_state {
	u32 lock; /* the lists of caches, and the pool of headers */
	u32 nr_caches;
	struct kf_list caches, dead_caches;
	struct kf_cache **cache_by_id;
	struct kf_slab **cpu_slab; /* [cpu * KF_MAX_CACHES + cache id] */
	struct kf_list spare_slabs;
	struct kf_cache *kmalloc[KF_NR_KMALLOC_TYPES][KF_PAGE_SHIFT + 2];
};

/*
 * How the objects of a cache lie in its slabs and come and go. A cache has one kind for life; all kinds share
 * caches, slabs, lists of partial slabs, and every promise to the caller.
 */
enum kf_slab_kind {
	KF_SLAB_GUARDED, /* guarded.c: guards from the requested size, records apart, oldest first */
	KF_SLAB_PLAIN,	 /* plain.c: nothing but speed; no hooks, no checks */
	KF_SLAB_DEBUG,	 /* debug.c: slub_debug, with the kernel's layout and texts */
	KF_NR_SLAB_KINDS
};

struct kf_slab_ops {
	/* Set first, stride, tail and align of a new cache from its object_size and flags. */
	void (*lay_out)(struct kf_cache *cache);
	/* A new slab has its pages; constructors run here. False: no memory for bookkeeping. */
	bool (*start)(struct kf_slab *slab);
	/* An empty slab is about to lose its pages. */
	void (*stop)(struct kf_slab *slab);
	/* An object of `size` requested bytes, ready for the caller and told to the hooks; NULL: no memory. */
	void *(*alloc)(struct kf_cache *cache, u32 gfp, size_t size);
	/* Anything that points into the slab: a bad free is told and frees nothing. */
	void (*free)(struct kf_slab *slab, const void *p);
	/* The object, live or free, whose slot contains addr. */
	bool (*object)(const struct kf_slab *slab, const void *addr, struct kf_object *out);
	/* The caller of a live object may use `size` bytes from now on (krealloc in place, ksize). */
	void (*resize)(struct kf_slab *slab, const void *p, size_t size);
	/* Check the object at p, or all (NULL): number of damaged ones, each told. */
	unsigned (*check)(struct kf_slab *slab, const void *p);
	/* Take every slab off its CPU, so that the lists of the cache show all. */
	void (*flush)(struct kf_cache *cache);
	/* NULL, or what is wrong with this slab. */
	const char *(*validate)(const struct kf_slab *slab);
};
extern const struct kf_slab_ops *const kf_slab_ops[KF_NR_SLAB_KINDS];
extern const struct kf_slab_ops kf_slab_guarded;

static inline const struct kf_slab_ops *kf_ops(const struct kf_cache *cache)
{
	return kf_slab_ops[cache->kind];
}

int kf_caches_init(void);
/* A new slab on the cache's list of all, nowhere else; NULL: no memory. */
struct kf_slab *kf_slab_new(struct kf_cache *cache, u32 gfp);
/* The slab is empty, on no list of partials and nobody's CPU slab: give its pages back. */
void kf_slab_discard(struct kf_slab *slab);
/* A constructed object: run the cache's constructor on it. */
void kf_slab_construct(const struct kf_cache *cache, void *object);

#define kf_for_each_slab(slab, cache)                                                       \
	for (struct kf_slab *slab = kf_container((cache)->slabs.next, struct kf_slab, all); \
	     &slab->all != &(cache)->slabs;                                                 \
	     slab = kf_container(slab->all.next, struct kf_slab, all))

/* Bytes of guard that every object has on each side, at the least. */
#define KF_GUARD 16u

#endif
