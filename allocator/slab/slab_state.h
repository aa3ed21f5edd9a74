/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: caches, slabs, and the records of objects.
 */
#ifndef KFAIL_ALLOCATOR_SLAB_STATE_H
#define KFAIL_ALLOCATOR_SLAB_STATE_H

#include "../core/base.h"
#include "profile.h"
#include "slab.h"

#define KF_MAX_CACHES  4096u
#define KF_NR_PROFILES 4u
/* Indices of size classes: 1 is 96, 2 is 192, else log2, up to 4 MiB. */
#define KF_NR_CLASSES 23u

enum {
	KF_REC_LIVE = 1u << 31,
	KF_REC_READY = 1u << 30,    /* guards are in place */
	KF_REC_LOST = 1u << 29,	    /* debug.c: damaged, or behind damage; never handed out again */
	KF_REC_ON_CHAIN = 1u << 28, /* debug.c: while it walks the free list */
	KF_REC_GFP = (1u << 28) - 1,
};

/* One object of a slab. The gfp of an allocation is known while it lives, who freed it afterwards: they share their bits. */
struct kf_rec {
	u32 size;
	u32 state; /* KF_REC_*, and the gfp of the allocation; of a freed object its free_tag */
	u32 alloc_tag;
	u32 seq_low;
	u16 seq_high;
	u16 next; /* in the slab's queue of freed objects */
};
_Static_assert(sizeof(struct kf_rec) == 20, "20 bytes of bookkeeping per object");

/* Of a copy of rec->state. */
static inline u32 kf_rec_gfp(u32 state)
{
	return state & KF_REC_LIVE ? state & KF_REC_GFP : 0;
}

static inline u32 kf_rec_free_tag(u32 state)
{
	return state & KF_REC_LIVE ? 0 : state & KF_REC_GFP;
}

/* False: it was free already. Of two racing frees one is told. */
static inline bool kf_rec_take_life(struct kf_rec *rec)
{
	u32 old = __atomic_load_n(&rec->state, __ATOMIC_RELAXED);

	if (__libc_single_threaded) {
		if (old & KF_REC_LIVE)
			rec->state = old & ~(KF_REC_LIVE | KF_REC_GFP);
		return old & KF_REC_LIVE;
	}
	while (old & KF_REC_LIVE)
		if (__atomic_compare_exchange_n(&rec->state, &old,
						old & ~(KF_REC_LIVE | KF_REC_GFP), true,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* By whoever took its life, before it is on a list again. A tag that is wider is cut (KF_FREE_TAG_MAX). */
static inline void kf_rec_set_free_tag(struct kf_rec *rec, u32 tag)
{
	u32 state = __atomic_load_n(&rec->state, __ATOMIC_RELAXED) & ~KF_REC_GFP;

	__atomic_store_n(&rec->state, state | (tag & KF_REC_GFP), __ATOMIC_RELAXED);
}

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
	u16 head, tail; /* guarded.c: queue of freed objects, oldest first */
	u16 lost; /* debug.c: objects that are neither live nor on the free list, counted in inuse */
	u8 kind;  /* enum kf_slab_kind, for those that outlive their cache */
	bool isolated; /* debug.c: failed a check; nothing of it is handed out any more */
	struct kf_cache *cache;
	char *base;
	struct kf_rec *recs;
	u32 allocs, frees;
	u64 freed_at; /* guarded.c: what had been freed in all, in bytes, at this slab's newest free */
	/* An allocation and a free stay within the 64 bytes above, unless the slab changes its list. */
	void *freelist; /* debug.c, plain.c: the first free object, linked through the objects */
	struct kf_list
		link; /* partial list; pool of free headers; a grace period's struct rcu_head */
	struct kf_list all; /* all slabs of the cache */
} __attribute__((aligned(64)));
_Static_assert(offsetof(struct kf_slab, freelist) == 64, "one cache line for each alloc and free");

/* Where a slab is: also looked at without the lock under which it changes, by who can do with a stale answer. */
static inline enum kf_slab_where kf_slab_where(const struct kf_slab *slab)
{
	return __atomic_load_n(&slab->where, __ATOMIC_RELAXED);
}

static inline void kf_slab_set_where(struct kf_slab *slab, enum kf_slab_where where)
{
	__atomic_store_n(&slab->where, (u8)where, __ATOMIC_RELAXED);
}

/* Live objects of a slab: changed under its lock, also looked at under the cache's. */
static inline unsigned kf_slab_inuse(const struct kf_slab *slab)
{
	return __atomic_load_n(&slab->inuse, __ATOMIC_ACQUIRE);
}

static inline void kf_slab_set_inuse(struct kf_slab *slab, unsigned inuse)
{
	__atomic_store_n(&slab->inuse, (u16)inuse, __ATOMIC_RELEASE);
}

/* PLAIN: lists of free objects, of a batch each, on their way between CPUs (plain.c). */
#define KF_BARN_MAX 10u
struct kf_barn {
	u32 lock;
	u32 nr;
	void *full[KF_BARN_MAX];
};

/* Objects start at first + i * stride; the guard bytes lie between them. */
struct kf_cache {
	/* struct kmem_cache as the kernel's code knows it, for who looks inside; filled by the world (override/slab.c). */
	u64 shown[KF_CACHE_SHOWN / sizeof(u64)];
	struct kf_list link; /* all caches, oldest first; or the pool of dead ones */
	u32 lock;
	u32 id;
	u8 kind; /* enum kf_slab_kind */
	bool live, poison;
	bool pool; /* its objects are blocks of a DMA pool: nobody else frees them (kin/dma_guard.c) */
	u32 flags, gfp; /* gfp: zone bits of its pages */
	u32 object_size, align, first, stride, inverse;
	u32 room; /* bytes that an object may come to have: object_size, more if caches merge */
	u32 guard; /* bytes of guard on each side; 0 for classes above 8 KiB, which fill their pages */
	u32 useroffset, usersize;
	u32 inuse, fp_offset; /* debug.c: end of object and red zone; where the free pointer is */
	u32 cpu_partial;      /* objects */
	u32 refcount;	      /* names: 1, and one for each alias */
	struct kf_alias *aliases;
	u32 *events; /* stats.c: [cpu * KF_NR_SLAB_EVENTS + event], or NULL */
	bool higher_order;
	u32 tail; /* bytes that the last object of a slab needs behind it */
	u32 order, min_order, objects;
	u32 min_partial, nr_partial;
	struct kf_list partial, slabs;
	void (*ctor)(void *);
	u64 nr_slabs;
	u64 past_allocs, past_frees; /* of slabs given back */
	u64 seq;
	u32 alloc_tag, free_tag;
	u32 kmalloc_index; /* size class of type NORMAL, or 0 */
	u32 free_offset;   /* PLAIN: where a free object holds the link to the next */
	u64 random;	   /* PLAIN: secret of the free pointers, 0: none */
	struct kf_barn barn;
	char name[48];
};

/* What a CPU allocates from; CPU-major, so that all caches of a CPU share few pages. */
struct kf_slab_state {
	u32 lock; /* the lists of caches, and the pool of headers */
	u32 nr_caches;
	u64 freed;    /* guarded.c: bytes that were freed in all */
	bool tainted; /* slub_debug has reported something */
	u64 errors;   /* reports and repairs of slub_debug so far */
	struct kf_list caches, dead_caches;
	struct kf_cache **cache_by_id;
	struct kf_slab **cpu_slab; /* [cpu * KF_MAX_CACHES + cache id] */
	struct kf_list spare_slabs;
	struct kf_plain_cpu *plain_cpus; /* PLAIN: by CPU; NULL when no cache is plain */
	u16 *plain_slot_of;		 /* PLAIN: by frame */
	u32 plain_lock;			 /* PLAIN: who empties lists of CPUs that are not its own */
	/* What kmalloc serves from now, and its limit; the classes of each profile that was ever in force. */
	struct kf_cache *kmalloc[KF_NR_KMALLOC_TYPES][KF_NR_CLASSES];
	size_t max_cache_size;
	u32 profile; /* index, 0 is 6.1 */
	struct kf_cache *classes[KF_NR_PROFILES][KF_NR_KMALLOC_TYPES][KF_NR_CLASSES];
};

/*
 * How the objects of a cache lie in its slabs and come and go. A cache has one kind for life; all kinds share
 * caches, slabs, lists of partial slabs, and every promise to the caller.
 */
enum kf_slab_kind {
	KF_SLAB_GUARDED, /* guarded.c: guards from the requested size, records apart, oldest first */
	KF_SLAB_PLAIN,	 /* plain.c: nothing but speed; no hooks, no checks */
	KF_SLAB_DEBUG,	 /* debug.c: slub_debug, with the kernel's layout and texts */
	KF_SLAB_FENCED,	 /* fenced.c: a kind of slabs only: one object between inaccessible pages */
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
extern const struct kf_slab_ops kf_slab_guarded, kf_slab_plain, kf_slab_fenced;

/* Of a cache: where new objects come from. */
static inline const struct kf_slab_ops *kf_ops(const struct kf_cache *cache)
{
	return kf_slab_ops[cache->kind];
}

/* Of a slab, which may be a fenced object of a guarded cache. */
static inline const struct kf_slab_ops *kf_ops_of(const struct kf_slab *slab)
{
	return kf_slab_ops[slab->kind];
}

extern const struct kf_slab_ops kf_slab_debug;

int kf_caches_init(void);

/* A new cache, asking and telling nobody; NULL with -EINVAL or -ENOMEM in *err. */
struct kf_cache *kf_cache_make(const struct kf_cache_request *req, int *err);
/* The end of such a cache, likewise. False: it has live objects, and stays. */
bool kf_cache_unmake(struct kf_cache *cache);

/* geometry.c */
u32 kf_slab_capacity(const struct kf_cache *cache, unsigned order);
u32 kf_slab_alignment(size_t size, size_t align, u32 flags);
u32 kf_cache_cpu_partial_slabs(const struct kf_cache *cache);
/* Fill in all that follows from the cache's sizes and kind. False: such objects cannot be had. */
bool kf_cache_lay_out(struct kf_cache *cache);

/* merge.c: bytes that an object of this new cache may come to have; a cache to share (its refcount raised), or
 * NULL; give a reference back, false when it was the last. */
u32 kf_merge_room(const struct kf_cache *cache);
struct kf_cache *kf_merge(const struct kf_cache_request *req);
bool kf_merge_release(struct kf_cache *cache);

/* debug_flags.c: `flags` with what slub_debug says of this name; its letter O; tell of letters that mean nothing. */
#define KF_SLAB_DEBUG_FLAGS                                                                    \
	(KF_SLAB_CONSISTENCY_CHECKS | KF_SLAB_RED_ZONE | KF_SLAB_POISON | KF_SLAB_STORE_USER | \
	 KF_SLAB_TRACE)
u32 kf_slub_debug_flags(u32 flags, const char *name);
bool kf_slub_debug_modest(void);
void kf_slub_debug_complain(void);

/* debug.c */
const struct kf_track *kf_debug_tracks(const struct kf_cache *cache, const void *object);

/* debug_report.c: for all kinds, what kmem_cache_destroy() prints of objects that are left. */
void kf_report_remaining(const struct kf_cache *cache);

/* stats.c */
void kf_cache_start_counting(struct kf_cache *cache);
void kf_cache_stop_counting(struct kf_cache *cache);
void kf_count_event(struct kf_cache *cache, enum kf_slab_event event);
static inline void kf_count(struct kf_cache *cache, enum kf_slab_event event)
{
	if (cache->events)
		kf_count_event(cache, event);
}

/* slab_list.c */
/* Under the cache's lock: to the end of the list. */
void kf_partial_add(struct kf_cache *cache, struct kf_slab *slab);
/* The first slab of the list that `fits` (NULL: any), among a few, which is ON_CPU `cpu` then; or NULL. */
struct kf_slab *kf_partial_take(struct kf_cache *cache, unsigned cpu,
				bool (*fits)(const struct kf_slab *slab));
/* An empty slab of the list, NOWHERE then; or NULL. */
struct kf_slab *kf_partial_take_empty(struct kf_cache *cache);
/* After a free, under the slab's lock: to the list, or stay. True: empty and one too many, discard it. */
bool kf_partial_settle(struct kf_cache *cache, struct kf_slab *slab);
/* Fullest first. */
void kf_partial_sort(struct kf_cache *cache);

/* size_class.c: the classes of this profile serve from now on; 0 or -ENOMEM. */
int kf_size_classes_use(unsigned profile);

static inline unsigned kf_class_index(size_t size)
{
	if (size <= 8)
		return 3;
	if (size > 64 && size <= 96)
		return 1;
	if (size > 128 && size <= 192)
		return 2;
	return 64 - (unsigned)__builtin_clzll(size - 1);
}

static inline enum kf_kmalloc_type kf_class_type(u32 gfp)
{
	if (!(gfp & (KF_GFP_DMA | KF_GFP_RECLAIMABLE | KF_GFP_ACCOUNT)))
		return KF_KMALLOC_NORMAL;
	if (gfp & KF_GFP_DMA)
		return KF_KMALLOC_DMA;
	return gfp & KF_GFP_RECLAIMABLE ? KF_KMALLOC_RECLAIM : KF_KMALLOC_CGROUP;
}

/* fenced.c: an object of a guarded cache, if it is its turn to be fenced and it can be; else NULL. */
void *kf_fenced_alloc(struct kf_cache *cache, u32 gfp, size_t size);
/* What kf_slab_after_grace_period() is for the slab of a fenced object. */
void kf_fenced_after_grace_period(struct kf_slab *slab);

/* kmalloc.c: large blocks. */
#define KF_LARGE_GUARD 256u
size_t kf_large_guard(const void *p, size_t size, unsigned order);
/* Bytes that a large block may come to have in place. */
size_t kf_large_room(const void *p, size_t size, unsigned order);
struct kf_frame *kf_large_at(const void *p);
void kf_large_check(const struct kf_frame *frame, void *p);

/* A new slab on the cache's list of all, nowhere else; NULL: no memory. */
struct kf_slab *kf_slab_new(struct kf_cache *cache, u32 gfp);
/* The slab is empty, on no list of partials and nobody's CPU slab: give its pages back. */
void kf_slab_discard(struct kf_slab *slab);
/* slab.c: __GFP_* that a slab cannot obey are taken away, with the kernel's warning. */
u32 kf_fix_gfp(u32 gfp);
/* A constructed object: run the cache's constructor on it. */
void kf_slab_construct(const struct kf_cache *cache, void *object);

/* watch.c: what tools that look at every access must know; nothing without them (kf_watched). The allocator is about to look
 * at the object and its guards, all but the first `kept` bytes; an object of `size` bytes is handed out, its memory cleared or
 * not; it is back; its owner may use `size` bytes now; a slab has its pages. */
void kf_watch_open(const struct kf_cache *cache, const void *p, size_t kept);
void kf_watch_object(const struct kf_cache *cache, const void *p, size_t size, bool zeroed);
void kf_unwatch_object(const struct kf_cache *cache, const void *p);
void kf_watch_resized(const struct kf_cache *cache, const void *p, size_t old, size_t size,
		      bool zeroed);
void kf_watch_new_slab(const struct kf_slab *slab);

/* plain.c */
struct kf_settings;
bool kf_plain_wanted(const struct kf_settings *settings);
int kf_plain_init(void);    /* a new world: 0 or -ENOMEM */
void kf_plain_attach(void); /* the world in force has changed, or is gone */
void kf_plain_detach(void);
void kf_plain_retire(struct kf_cache *cache); /* the cache is about to die */
const char *kf_plain_validate(const struct kf_cache *cache);
/* This CPU's thread gives it back: what it holds goes to the slabs (slub_cpu_dead()). */
void kf_slab_cpu_dead(unsigned cpu);

#define kf_for_each_slab(slab, cache)                                                       \
	for (struct kf_slab *slab = kf_container((cache)->slabs.next, struct kf_slab, all); \
	     &slab->all != &(cache)->slabs;                                                 \
	     slab = kf_container(slab->all.next, struct kf_slab, all))

/* Bytes of guard that every object has on each side, at the least. */
#define KF_GUARD 16u

#endif
