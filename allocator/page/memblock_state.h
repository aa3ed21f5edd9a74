/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the allocators: early memory. */
#ifndef KFAIL_ALLOCATOR_MEMBLOCK_STATE_H
#define KFAIL_ALLOCATOR_MEMBLOCK_STATE_H

#include "../core/base.h"
#include "bootmem.h"
#include "memblock.h"

#define KF_INIT_MEMBLOCK_REGIONS 128

/* total == sum of region[i].size for i < cnt; regions[] is `first` until it has doubled. */
struct kf_region_list {
	u32 cnt, max;
	u64 total;
	struct kf_region *regions;
	struct kf_region first[KF_INIT_MEMBLOCK_REGIONS];
};

struct kf_memblock {
	bool bottom_up, can_resize, has_mirror;
	bool closed; /* the buddy allocator has the memory */
	u64 current_limit;
	struct kf_region_list memory, reserved;
};

/* The bitmap of one node: a bit for each frame of [start, end), 1: taken. */
struct kf_bootmem {
	u64 start, end;		   /* frames */
	u64 map_pfn;		   /* where the bitmap lies */
	u8 *map;		   /* NULL: not in use */
	u64 last_pos, last_offset; /* last allocation: its last frame, and bytes of that in use */
	u64 last_success;	   /* frame where the next search without a goal begins */
};

/* memblock.c */
void kf_early_init(void);
/* memblock_view.c: memory that somebody with these flags, on this node, must not have. */
bool kf_memblock_skips(const struct kf_region *region, int nid, u32 flags);
/* memblock_alloc.c: a free place of `size` bytes in [start, end), not reserved yet; 0: none. */
u64 kf_memblock_find(u64 start, u64 end, u64 size, u64 align, int nid, u32 flags);

#endif
