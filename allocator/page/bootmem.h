/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bootmem, the boot-time allocator before memblock: one bit for each page frame of low memory. Follows
 * mm/bootmem.c and include/linux/bootmem.h of 2.4 and 3.4, for one node. Drivers of that time take buffers
 * from it that are larger than the largest block of the buddy allocator: what is taken before
 * kf_free_all_bootmem() hands the rest over stays contiguous for good.
 *
 *	kf_init_bootmem()	everything is taken
 *	kf_free_bootmem()	... but this, which is memory
 *	kf_reserve_bootmem()	... and of that again not the kernel, ...
 *	kf_alloc_bootmem()	whoever needs memory now
 *	kf_free_all_bootmem()	the rest goes to the buddy allocator
 *
 * The range is reserved in memblock, so each frame is handed over by exactly one of the two. One CPU, early; no hooks,
 * but for the bugs that are told.
 */
#ifndef KFAIL_ALLOCATOR_BOOTMEM_H
#define KFAIL_ALLOCATOR_BOOTMEM_H

#include "../core/types.h"

#define KF_MAX_DMA_ADDRESS (16ull << 20)
#define KF_SMP_CACHE_BYTES 64u

/*
 * init_bootmem(): manage frames [0, end_pfn); the bitmap lies at frame map_pfn, which is the caller's to
 * reserve. Returns the size of the bitmap in bytes; 0 when the frames do not exist or are in use already.
 */
u64 kf_init_bootmem(u64 map_pfn, u64 end_pfn);

/* free_bootmem(): give [phys, phys+size) back; pages that it covers only in part stay taken. A page that is free
 * already is told as a double free. */
void kf_free_bootmem(u64 phys, u64 size);

/* reserve_bootmem(): take [phys, phys+size), pages covered in part too. What is taken already is logged
 * ("hm, page %08lx reserved twice.") and stays so. */
void kf_reserve_bootmem(u64 phys, u64 size);

/*
 * __alloc_bootmem(): `size` zeroed bytes at a multiple of `align` (a power of two; 0: 1), at or above physical address
 * `goal` if that is possible, else anywhere. Small pieces follow the one before in the same page. NULL when there
 * is no room, or the memory is the buddy allocator's already.
 */
void *kf_alloc_bootmem_nopanic(u64 size, u64 align, u64 goal);
/* The same; without room the kernel logs "bootmem alloc of %lu bytes failed!" and panics: it is logged and told here,
 * and NULL is for the caller to die of. */
void *kf_alloc_bootmem_goal(u64 size, u64 align, u64 goal);

/* alloc_bootmem(), alloc_bootmem_pages(): above the memory that only DMA needs; the _low forms: anywhere. */
static inline void *kf_alloc_bootmem(u64 size)
{
	return kf_alloc_bootmem_goal(size, KF_SMP_CACHE_BYTES, KF_MAX_DMA_ADDRESS);
}

static inline void *kf_alloc_bootmem_pages(u64 size)
{
	return kf_alloc_bootmem_goal(size, KF_PAGE_SIZE, KF_MAX_DMA_ADDRESS);
}

static inline void *kf_alloc_bootmem_low(u64 size)
{
	return kf_alloc_bootmem_goal(size, KF_SMP_CACHE_BYTES, 0);
}

static inline void *kf_alloc_bootmem_low_pages(u64 size)
{
	return kf_alloc_bootmem_goal(size, KF_PAGE_SIZE, 0);
}

/* free_all_bootmem(): hand all free pages, then the bitmap's own, to the buddy allocator. Returns their number. */
u64 kf_free_all_bootmem(void);

#endif
