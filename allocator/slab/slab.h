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
	KF_SLAB_CONSISTENCY_CHECKS = 0x100, /* slub_debug F */
	KF_SLAB_RED_ZONE = 0x400,	    /* Z */
	KF_SLAB_POISON = 0x800,		    /* P */
	KF_SLAB_KMALLOC = 0x1000,	    /* a size class of kmalloc; not permitted at creation */
	KF_SLAB_HWCACHE_ALIGN = 0x2000,
	KF_SLAB_CACHE_DMA = 0x4000,
	KF_SLAB_CACHE_DMA32 = 0x8000,
	KF_SLAB_STORE_USER = 0x10000, /* U */
	KF_SLAB_RECLAIM_ACCOUNT = 0x20000,
	KF_SLAB_PANIC = 0x40000,
	KF_SLAB_TYPESAFE_BY_RCU = 0x80000,
	KF_SLAB_MEM_SPREAD = 0x100000,
	KF_SLAB_TRACE = 0x200000, /* T */
	KF_SLAB_DEBUG_OBJECTS = 0x400000,
	KF_SLAB_NOLEAKTRACE = 0x800000,
	KF_SLAB_FAILSLAB = 0x2000000, /* A; not permitted at creation */
	KF_SLAB_ACCOUNT = 0x4000000,
	KF_SLAB_NO_USER_FLAGS = 0x10000000,
	KF_SLAB_SKIP_KFENCE = 0x20000000,
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
/* What kmem_cache_create_usercopy() is told: a cache, and the window of its objects that usercopy may touch. */
struct kf_cache_request {
	const char *name;
	size_t size, align; /* bytes */
	u32 flags;	    /* KF_SLAB_* */
	size_t useroffset, usersize;
	void (*ctor)(void *);
};
/* kmem_cache_create_usercopy(); kf_cache_create() is the same without a window. An insane window is told
 * (KF_BUG_WARN) and becomes empty. Flags outside the set that the kernel permits are refused. NULL with -EINVAL
 * or -ENOMEM in *err (err may be NULL); then the kernel's warning is logged, unless SLAB_PANIC is set:
 * panic is the caller's to do. With the setting slub_merge, the result may be another name of an older cache. */
struct kf_cache *kf_cache_create_usercopy(const struct kf_cache_request *req, int *err);
/* kmem_cache_destroy(). With live objects: KF_BUG_CACHE_NOT_EMPTY, and the cache stays. */
void kf_cache_destroy(struct kf_cache *cache);
/* kmem_cache_shrink(): give empty slabs back; 0 when none is left. */
int kf_cache_shrink(struct kf_cache *cache);

const char *kf_cache_name(const struct kf_cache *cache);
size_t kf_cache_object_size(const struct kf_cache *cache);
/* KF_SLAB_*, with what slub_debug added. */
u32 kf_cache_flags(const struct kf_cache *cache);
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

/* What /proc/slabinfo and /sys/kernel/slab/<cache>/ show. Counts of slabs and objects are those of this moment. */
struct kf_cache_stat {
	size_t object_size, slot_size, align; /* bytes; slot_size is the kernel's s->size */
	u32 order, min_order, objects_per_slab;
	u32 flags;	       /* KF_SLAB_*, with what slub_debug added */
	u32 aliases;	       /* other names of a merged cache */
	u32 min_partial;       /* empty slabs kept per node */
	u32 cpu_partial;       /* objects a CPU may keep in partial slabs; 0 for debug caches */
	u32 cpu_partial_slabs; /* the same in slabs */
	size_t useroffset, usersize; /* window of usercopy */
	void (*ctor)(void *);	     /* or NULL */
	bool higher_order;	     /* debugging raised the smallest order */
	u64 slabs, objects, active;  /* slabs, objects in them, and objects in use */
	u64 active_slabinfo; /* the same with free objects of CPU slabs counted as in use, as slabinfo does */
	u64 partial,
		partial_active; /* slabs on the node's partial list, and objects in use in them */
	u64 cpu_slabs;		/* slabs that CPUs allocate from */
	u64 allocs, frees;
};
void kf_cache_stat(const struct kf_cache *cache, struct kf_cache_stat *out);

/* The other names of a merged cache, in order of creation. */
void kf_cache_for_each_alias(const struct kf_cache *cache, void (*fn)(const char *name, void *arg),
			     void *arg);

/* struct track of mm/slub.c: who allocated or freed an object. */
struct kf_track {
	u64 addr;   /* nonzero: there is a track (the number of the allocation or free) */
	u32 handle; /* the tag that the hooks gave; name its frames with kf_hooks.describe */
	s32 cpu, pid;
	u64 when; /* jiffies */
};
enum { KF_TRACK_ALLOC, KF_TRACK_FREE, KF_NR_TRACKS };

/*
 * Call fn for each object of the cache that was ever handed out, live or free, slab by slab. `tracks` points to
 * both tracks when the cache stores them (slub_debug U), else it is NULL: then only obj->alloc_tag,
 * free_tag and seq say who. The cache must be at rest; fn must not allocate from or free into it.
 */
void kf_cache_for_each_object(const struct kf_cache *cache,
			      void (*fn)(const struct kf_object *obj, const struct kf_track *tracks,
					 void *arg),
			      void *arg);

/* kmem_cache_validate (the sysfs file `validate`, validate_slab_cache()): check all objects of a debug cache.
 * The number of damaged ones, each reported; -EINVAL for a cache without slub_debug. Process context. */
int kf_cache_validate(struct kf_cache *cache);

/* How many reports and repairs slub_debug has made so far: what the kernel counts in the KUnit resource "slab_errors". */
u64 kf_slab_errors(void);

/* Bytes at the beginning of a cache that are the world's: there it shows struct kmem_cache, up to its name, in the layout
 * of its kernel. Nobody here reads them. */
enum { KF_CACHE_SHOWN = 128 };

/* What the fields of struct kmem_cache say of how objects lie in a slab. All in bytes. */
struct kf_cache_layout {
	u32 size;	 /* from an object to the next */
	u32 object_size; /* as the creator asked for */
	u32 offset; /* of the free pointer in a free object of a debug cache; 0 for other caches */
	u32 inuse;  /* object and right red zone of a debug cache; 0 for other caches */
	u32 align;
	u32 red_left_pad; /* before an object */
};
void kf_cache_get_layout(const struct kf_cache *cache, struct kf_cache_layout *out);

/* The sysfs files min_partial and cpu_partial: change them. -EINVAL: cpu_partial of a debug cache. */
void kf_cache_set_min_partial(struct kf_cache *cache, u32 slabs);
int kf_cache_set_cpu_partial(struct kf_cache *cache, u32 objects);

/* CONFIG_SLUB_STATS: what happened to a cache, counted per CPU when the setting slub_stats is on. */
enum kf_slab_event {
	KF_ALLOC_FASTPATH,
	KF_ALLOC_SLOWPATH,
	KF_FREE_FASTPATH,
	KF_FREE_SLOWPATH,
	KF_FREE_FROZEN,
	KF_FREE_ADD_PARTIAL,
	KF_FREE_REMOVE_PARTIAL,
	KF_ALLOC_FROM_PARTIAL,
	KF_ALLOC_SLAB,
	KF_ALLOC_REFILL,
	KF_ALLOC_NODE_MISMATCH,
	KF_FREE_SLAB,
	KF_CPUSLAB_FLUSH,
	KF_DEACTIVATE_FULL,
	KF_DEACTIVATE_EMPTY,
	KF_DEACTIVATE_TO_HEAD,
	KF_DEACTIVATE_TO_TAIL,
	KF_DEACTIVATE_REMOTE_FREES,
	KF_DEACTIVATE_BYPASS,
	KF_ORDER_FALLBACK,
	KF_CMPXCHG_DOUBLE_CPU_FAIL,
	KF_CMPXCHG_DOUBLE_FAIL,
	KF_CPU_PARTIAL_ALLOC,
	KF_CPU_PARTIAL_FREE,
	KF_CPU_PARTIAL_NODE,
	KF_CPU_PARTIAL_DRAIN,
	KF_NR_SLAB_EVENTS
};
/* Lower-case name of the sysfs file, e.g. "alloc_fastpath". */
const char *kf_slab_event_name(enum kf_slab_event event);
/* The count on one CPU; 0 when the setting is off. */
u64 kf_cache_events(const struct kf_cache *cache, enum kf_slab_event event, unsigned cpu);
void kf_cache_clear_events(struct kf_cache *cache, enum kf_slab_event event);

/* kmem_dump_obj() of mm/slab_common.c: what is known of the slab object around `object`, as the kernel prints it after
 * a preamble of the caller's: one line, and a line for each frame of the stacks. False: no slab holds it. */
bool kf_slab_dump(const void *object, char *text, size_t n);

/* What kf_hooks.defer is told to call for the pages of a SLAB_TYPESAFE_BY_RCU cache, for a harness that has to
 * find it again in another process. */
void kf_slab_after_grace_period(void *head);

/*
 * Hardened usercopy (__check_object_size() of mm/usercopy.c): may `n` bytes at `ptr`, kernel memory, be copied to
 * or from user space? False: told as KF_BUG_USERCOPY and logged in the kernel's words; where the kernel would
 * BUG(), the caller decides. Memory that is no slab object, block of pages or vmalloc area passes.
 */
bool kf_check_usercopy(const void *ptr, size_t n, bool to_user);
/* Bytes are about to be copied to user space, by a function that is not asked for its bounds (their number is known to the
 * compiler): the hook `shown` is told, where somebody watches. */
void kf_tell_shown(const void *ptr, size_t n);

#endif
