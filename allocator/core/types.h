/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types that every allocator file shares: fixed-width integers under the kernel's names, GFP flags
 * (6.1 values, include/linux/gfp_types.h), and the kernel's struct page (64 bytes,
 * include/linux/mm_types.h and mm/slab.h of 6.1).
 */
#ifndef KFAIL_ALLOCATOR_TYPES_H
#define KFAIL_ALLOCATOR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define KF_PAGE_SHIFT 12
#define KF_PAGE_SIZE  (1ul << KF_PAGE_SHIFT)
#define KF_PAGE_MASK  (~(KF_PAGE_SIZE - 1))
/* Orders 0..10: the largest block is 1024 pages, 4 MiB. */
#define KF_MAX_ORDER 11

/* What kmalloc(0) returns; must never be dereferenced, may be freed. */
#define KF_ZERO_SIZE_PTR   ((void *)16)
#define KF_ZERO_OR_NULL(p) ((uintptr_t)(p) <= (uintptr_t)KF_ZERO_SIZE_PTR)

enum kf_zone_id {
	KF_ZONE_DMA,
	KF_ZONE_DMA32,
	KF_ZONE_NORMAL,
	KF_ZONE_HIGHMEM, /* no address in the direct map: reached through kmap only */
	KF_ZONE_MOVABLE, /* only for __GFP_HIGHMEM | __GFP_MOVABLE */
	KF_NR_ZONES
};

/* Migrate types, include/linux/mmzone.h of 6.1; those below KF_MIGRATE_PCPTYPES fall back to each other. */
enum kf_migrate_type {
	KF_MIGRATE_UNMOVABLE,
	KF_MIGRATE_MOVABLE,
	KF_MIGRATE_RECLAIMABLE,
	KF_MIGRATE_PCPTYPES,
	KF_MIGRATE_HIGHATOMIC = KF_MIGRATE_PCPTYPES,
	KF_NR_MIGRATE_TYPES
};

/* Migrate types are a property of blocks of this order. */
#define KF_PAGEBLOCK_ORDER 9

/* GFP bits, with the values of 6.1. */
enum {
	KF_GFP_DMA = 0x01,
	KF_GFP_HIGHMEM = 0x02,
	KF_GFP_DMA32 = 0x04,
	KF_GFP_MOVABLE = 0x08,
	KF_GFP_RECLAIMABLE = 0x10,
	KF_GFP_HIGH = 0x20,
	KF_GFP_IO = 0x40,
	KF_GFP_FS = 0x80,
	KF_GFP_ZERO = 0x100,
	KF_GFP_ATOMIC_BIT = 0x200,
	KF_GFP_DIRECT_RECLAIM = 0x400,
	KF_GFP_KSWAPD_RECLAIM = 0x800,
	KF_GFP_WRITE = 0x1000,
	KF_GFP_NOWARN = 0x2000,
	KF_GFP_RETRY_MAYFAIL = 0x4000,
	KF_GFP_NOFAIL = 0x8000,
	KF_GFP_NORETRY = 0x10000,
	KF_GFP_MEMALLOC = 0x20000,
	KF_GFP_COMP = 0x40000,
	KF_GFP_NOMEMALLOC = 0x80000,
	KF_GFP_HARDWALL = 0x100000,
	KF_GFP_THISNODE = 0x200000,
	KF_GFP_ACCOUNT = 0x400000,

	KF_GFP_RECLAIM = KF_GFP_DIRECT_RECLAIM | KF_GFP_KSWAPD_RECLAIM,
	KF_GFP_ATOMIC = KF_GFP_HIGH | KF_GFP_ATOMIC_BIT | KF_GFP_KSWAPD_RECLAIM,
	KF_GFP_KERNEL = KF_GFP_RECLAIM | KF_GFP_IO | KF_GFP_FS,
	KF_GFP_NOWAIT = KF_GFP_KSWAPD_RECLAIM,
};

struct kf_list {
	struct kf_list *next, *prev;
};

struct kf_cache;

/*
 * struct page, at the kernel's offsets. Kernel code reads and writes these fields itself, so the
 * allocators keep no private state here except where the kernel has it too: their own bookkeeping
 * per page lives in struct kf_page_ext (memory.h).
 *
 *   offset  0 flags            node and zone number in the top bits, PG_* below
 *           8 lru | compound_head (tail: head | 1) | slab_list
 *          16 tail page 1: compound_dtor (u8), compound_order (u8); 20 compound_mapcount,
 *             24 compound_pincount, 28 compound_nr
 *          24 mapping | slab_cache
 *          32 index   | freelist
 *          40 private | counters (inuse:16 objects:15 frozen:1)
 *          48 _mapcount | page_type     -1 when unused
 *          52 _refcount
 *          56 memcg_data
 */
struct page {
	u64 flags;
	union {
		struct {
			struct kf_list lru;
			union {
				void *mapping;
				struct kf_cache *slab_cache;
			};
			union {
				u64 index;
				void *freelist;
			};
			u64 private;
		};
		struct {
			u64 compound_head;
			u8 compound_dtor;
			u8 compound_order;
			s32 compound_mapcount;
			s32 compound_pincount;
			u32 compound_nr;
		};
	};
	s32 mapcount;
	s32 refcount;
	u64 memcg_data;
};
_Static_assert(sizeof(struct page) == 64, "struct page has the kernel's size");
_Static_assert(offsetof(struct page, compound_nr) == 28, "compound_nr where 6.1 has it");
_Static_assert(offsetof(struct page, mapcount) == 48, "_mapcount where 6.1 has it");
_Static_assert(offsetof(struct page, refcount) == 52, "_refcount where 6.1 has it");

#endif
