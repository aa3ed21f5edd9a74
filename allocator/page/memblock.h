/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Early memory, before the buddy allocator has any: two sorted lists of physical ranges, `memory`
 * and `reserved`. Follows mm/memblock.c and include/linux/memblock.h of 6.1. kf_memory_init() adds
 * the zones as memory. Everything here is for one CPU before other threads run; when kf_memblock_free_all()
 * has handed the memory to the buddy allocator, the lists can be read but no longer changed.
 *
 * Nothing here asks or tells the hooks: no injector of the kernel covers early memory. (What comes
 * after the slab allocator is up is served by it, and is a request like any other.)
 */
#ifndef KFAIL_ALLOCATOR_MEMBLOCK_H
#define KFAIL_ALLOCATOR_MEMBLOCK_H

#include "../core/types.h"

/* enum memblock_flags: what a range of memory is. */
enum kf_memblock_flags {
	KF_MEMBLOCK_NONE = 0,
	KF_MEMBLOCK_HOTPLUG = 1, /* may be taken out; allocated from all the same */
	KF_MEMBLOCK_MIRROR = 2,	 /* preferred once any range has it */
	KF_MEMBLOCK_NOMAP = 4,	 /* not in the direct map: never allocated, never handed over */
	KF_MEMBLOCK_DRIVER_MANAGED = 8, /* a driver added it: never allocated */
};

#define KF_NUMA_NO_NODE		  (-1)
#define KF_MEMBLOCK_LOW_LIMIT	  0ull
#define KF_MEMBLOCK_ACCESSIBLE	  0ull	  /* as an upper limit: the current one */
#define KF_MEMBLOCK_ANYWHERE	  (~0ull) /* as an upper limit: none */
#define KF_ARCH_LOW_ADDRESS_LIMIT 0xffffffffull

/* One range: [base, base+size). */
struct kf_region {
	u64 base, size;
	u32 flags; /* enum kf_memblock_flags */
	s32 nid;   /* node, or KF_NUMA_NO_NODE */
};

/* ---- the lists ------------------------------------------------------------------------------------ */

/*
 * Add, take out, reserve or give back [base, base+size). 0; -EINVAL when the lists are closed, the range wraps
 * around, or memory is added that the direct map does not have; -ENOMEM when a list is full and cannot be
 * doubled (the kernel's line is logged then, and nothing was changed). Overlapping and touching ranges with the same
 * flags and node become one. _phys_free() is memblock_phys_free(), kf_memblock_free() the same by address.
 */
int kf_memblock_add(u64 base, u64 size);
int kf_memblock_add_node(u64 base, u64 size, int nid, u32 flags);
int kf_memblock_remove(u64 base, u64 size);
int kf_memblock_reserve(u64 base, u64 size);
int kf_memblock_phys_free(u64 base, u64 size);
int kf_memblock_free(void *addr, u64 size);

/* memblock_free_late(): after kf_memblock_free_all(), give the whole pages of a reserved range to the
 * buddy allocator. Returns the number of pages. */
u64 kf_memblock_free_late(u64 base, u64 size);

/* Mark memory; 0 or as above. */
int kf_memblock_mark_hotplug(u64 base, u64 size);
int kf_memblock_clear_hotplug(u64 base, u64 size);
int kf_memblock_mark_mirror(u64 base, u64 size);
int kf_memblock_mark_nomap(u64 base, u64 size);
int kf_memblock_clear_nomap(u64 base, u64 size);
/* memblock_set_node() for `memory`. */
int kf_memblock_set_node(u64 base, u64 size, int nid);

/* Lists that are full may double from now on (kf_memory_init() has called it). */
void kf_memblock_allow_resize(void);

/* ---- allocation --------------------------------------------------------------------------------------- */

/*
 * memblock_phys_alloc_range(): the physical address of `size` bytes aligned to `align` (a power of two;
 * 0 means 64) in [start, end), reserved; 0 when there is no place. Top down, or bottom up when
 * that was set. Not zeroed. The page at physical 0 is never given.
 */
u64 kf_memblock_phys_alloc_range(u64 size, u64 align, u64 start, u64 end);
/* memblock_phys_alloc_try_nid(): on this node, or on any. */
u64 kf_memblock_phys_alloc_try_nid(u64 size, u64 align, int nid);
static inline u64 kf_memblock_phys_alloc(u64 size, u64 align)
{
	return kf_memblock_phys_alloc_range(size, align, 0, KF_MEMBLOCK_ACCESSIBLE);
}

/*
 * memblock_alloc_try_nid(), _raw, _exact_nid_raw: the direct-map address, or NULL (no panic). A lower limit that
 * cannot be met is dropped; `max` 0 is the current limit. Zeroed unless `raw`; `exact`: on `nid` or not at all.
 * Once the slab allocator is up: a warning, and kzalloc(size, GFP_NOWAIT), to be given to kfree().
 */
void *kf_memblock_alloc_nid(u64 size, u64 align, u64 min, u64 max, int nid, bool exact, bool raw);
void *kf_memblock_alloc_from(u64 size, u64 align, u64 min);
void *kf_memblock_alloc_low(u64 size, u64 align);
void *kf_memblock_alloc_node(u64 size, u64 align, int nid);

/* The same on any node, for the boot: NULL after kf_memblock_free_all(), without a warning. */
void *kf_memblock_alloc(u64 size, u64 align, u64 min, u64 max, bool raw);

/* Where allocations look first, and the physical address that they stay below. */
void kf_memblock_set_bottom_up(bool enable);
bool kf_memblock_bottom_up(void);
void kf_memblock_set_current_limit(u64 limit);
u64 kf_memblock_get_current_limit(void);

/* memblock_enforce_memory_limit() ("mem="): keep the lowest `limit` bytes of memory, forget the rest. */
void kf_memblock_enforce_memory_limit(u64 limit);
/* memblock_cap_memory_range(): keep this range of memory (and what is NOMAP), forget the rest. */
void kf_memblock_cap_memory_range(u64 base, u64 size);

/* Hand everything that is not reserved to the buddy allocator; the lists are closed afterwards.
 * Returns the number of pages handed over. */
u64 kf_memblock_free_all(void);

/* ---- questions ----------------------------------------------------------------------------------------- */

u64 kf_memblock_phys_mem_size(void);
u64 kf_memblock_reserved_size(void);
u64 kf_memblock_start_of_DRAM(void);
u64 kf_memblock_end_of_DRAM(void);
bool kf_memblock_is_memory(u64 phys);
bool kf_memblock_is_map_memory(u64 phys);	       /* memory, and not NOMAP */
bool kf_memblock_is_region_memory(u64 base, u64 size); /* wholly within one region */
bool kf_memblock_is_reserved(u64 phys);
bool kf_memblock_is_region_reserved(u64 base, u64 size); /* any byte of it */

/*
 * Iterators. A cursor is the address to go on at: 0 to start (the _prev form: ~0ull). Each call fills *out with
 * the next range and moves the cursor behind it; false after the last.
 *
 *	for (u64 at = 0; kf_memblock_next_free(&at, KF_NUMA_NO_NODE, KF_MEMBLOCK_NONE, &r);)
 *
 * _free: memory that is not reserved and that `flags` allow (for_each_free_mem_range, _reverse);
 * _memory: for_each_mem_range; _reserved: for_each_reserved_mem_range.
 */
bool kf_memblock_next_free(u64 *cursor, int nid, u32 flags, struct kf_region *out);
bool kf_memblock_prev_free(u64 *cursor, int nid, u32 flags, struct kf_region *out);
bool kf_memblock_next_memory(u64 *cursor, struct kf_region *out);
bool kf_memblock_next_reserved(u64 *cursor, struct kf_region *out);
/* for_each_mem_pfn_range(): whole page frames of memory on a node (or any), [*start, *end). */
bool kf_memblock_next_pfn_range(u64 *cursor, int nid, u64 *start, u64 *end);

/* What memblock=debug prints at boot, and /sys/kernel/debug/memblock/{memory,reserved}: one line a call. */
void kf_memblock_dump(void (*line)(const char *text, void *arg), void *arg);
void kf_memblock_show(bool reserved, void (*line)(const char *text, void *arg), void *arg);

/* Invariants: sorted, apart from each other, merged, summed up. NULL when they hold. */
const char *kf_memblock_validate(void);

#endif
