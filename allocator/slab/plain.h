/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path of plain caches (plain.c): what kmalloc and kfree do when nobody wants to be asked or told.
 *
 *	kmalloc   thread -> its CPU's area -> list of the size class -> first object
 *	kfree     address -> frame -> slot number of its cache -> list of that slot -> first object
 *
 * No lock, no atomic operation, no look at the slab or its cache. Whatever is not that simple (an empty list,
 * one that is long enough, a large block, no CPU, no plain world) finds a slot without objects and without
 * room, and goes the long way. Not for anybody outside the allocators.
 *
 * Objects are taken from one list and given to another, and the lists change places when the first is empty:
 * a load of the one need not wait for the stores to the other, whose address is known late. That is worth more
 * than handing out the newest object first. They do so here, not on the long way: while a CPU has few objects of a
 * class, it happens every few calls.
 */
#ifndef KFAIL_ALLOCATOR_PLAIN_H
#define KFAIL_ALLOCATOR_PLAIN_H

#include "slab_state.h"

/* Free objects of one cache in the hands of one CPU, linked at the cache's free_offset. One cache line. */
struct kf_cache_cpu {
	void *freelist; /* handed out from here */
	void *freed;	/* given back to here */
	u32 room;	/* objects that `freed` may still take */
	u32 batch;	/* objects that come and go at once; 0: not in use yet */
	u64 pad[5];
};
_Static_assert(sizeof(struct kf_cache_cpu) == 64, "lists are found by a shift");

/* Slot 0 stays empty; then the size classes of kmalloc, by index; then all other caches, by number. */
#define KF_KMALLOC_SLOTS 16u
struct kf_plain_cpu {
	struct kf_cache_cpu slot[KF_KMALLOC_SLOTS + KF_MAX_CACHES];
};

/* The area of this thread's CPU; NULL until it is needed, where there is none, and where it may not be used
 * directly (slub_hardened, init_on_alloc, init_on_free, size classes of another kernel). */
extern __thread struct kf_plain_cpu *kf_plain_cpu __attribute__((tls_model("initial-exec")));

/* Shortcuts into the world in force; `frames` is 0 when its caches are not plain. */
struct kf_plain_here {
	u64 direct_map, frames;
	const u16
		*slot_of; /* of frames whose objects are linked at their start; 0 for all others */
};
extern struct kf_plain_here kf_plain_here;

/* Index of the size class for 1..1024 bytes by (size + 7) / 8, as size_index of mm/slab_common.c. */
#define KF_PLAIN_INDEXED 1024u
extern const u8 kf_plain_index[KF_PLAIN_INDEXED / 8 + 1];

static inline void *kf_plain_pop(struct kf_cache_cpu *cpu_lists)
{
	void *object = cpu_lists->freelist;

	if (__builtin_expect(!object, 0)) {
		object = cpu_lists->freed;
		if (!object)
			return NULL;
		cpu_lists->freed = NULL;
		cpu_lists->room = cpu_lists->batch;
	}
	cpu_lists->freelist = *(void **)object;
	return object;
}

static inline bool kf_plain_push(struct kf_cache_cpu *cpu_lists, void *object)
{
	if (__builtin_expect(!cpu_lists->room, 0))
		return false;
	cpu_lists->room--;
	*(void **)object = cpu_lists->freed;
	cpu_lists->freed = object;
	return true;
}

/* kmalloc() without zeroing from the normal type; NULL: go the long way. */
static inline void *kf_plain_kmalloc(size_t size, u32 gfp)
{
	const u32 special = KF_GFP_DMA | KF_GFP_RECLAIMABLE | KF_GFP_ACCOUNT | KF_GFP_ZERO;
	struct kf_plain_cpu *cpu = kf_plain_cpu;

	if (__builtin_expect(!cpu || size > KF_PLAIN_INDEXED || gfp & special, 0))
		return NULL;
	return kf_plain_pop(&cpu->slot[kf_plain_index[(size + 7) / 8]]);
}

/* kfree(), and kmem_cache_free() when the cache need not be compared; false: go the long way. */
static inline bool kf_plain_kfree(const void *object)
{
	u64 pfn = ((u64)(uintptr_t)object - kf_plain_here.direct_map) >> KF_PAGE_SHIFT;
	struct kf_plain_cpu *cpu = kf_plain_cpu;

	if (__builtin_expect(!cpu || pfn >= kf_plain_here.frames, 0))
		return false;
	return kf_plain_push(&cpu->slot[kf_plain_here.slot_of[pfn]], (void *)object);
}

/* Number of the slot of this cache's frames. */
static inline unsigned kf_plain_slot(const struct kf_cache *cache)
{
	return cache->kmalloc_index ? cache->kmalloc_index : KF_KMALLOC_SLOTS + cache->id;
}

/* kmem_cache_alloc() of a plain cache without zeroing; NULL: go the long way. */
static inline void *kf_plain_cache_alloc(const struct kf_cache *cache, u32 gfp)
{
	struct kf_plain_cpu *cpu = kf_plain_cpu;

	if (__builtin_expect(!cpu || gfp & KF_GFP_ZERO || cache->free_offset, 0))
		return NULL;
	return kf_plain_pop(&cpu->slot[kf_plain_slot(cache)]);
}

/* kmem_cache_free(): only an object of just this cache. */
static inline bool kf_plain_cache_free(const struct kf_cache *cache, void *object)
{
	u64 pfn = ((u64)(uintptr_t)object - kf_plain_here.direct_map) >> KF_PAGE_SHIFT;
	unsigned slot = kf_plain_slot(cache);
	struct kf_plain_cpu *cpu = kf_plain_cpu;

	if (__builtin_expect(!cpu || pfn >= kf_plain_here.frames, 0))
		return false;
	return kf_plain_here.slot_of[pfn] == slot && kf_plain_push(&cpu->slot[slot], object);
}

#endif
