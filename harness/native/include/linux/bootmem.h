/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot allocator of kernels up to 4.19, as include/linux/bootmem.h of 3.x has it when memblock serves it. */
#ifndef KFAIL_LINUX_BOOTMEM_H
#define KFAIL_LINUX_BOOTMEM_H

#include "bug.h"
#include "memblock.h"

static inline void *__alloc_bootmem_nopanic(unsigned long size, unsigned long align,
					    unsigned long goal)
{
	return memblock_alloc_try_nid(size, align, goal, 0, NUMA_NO_NODE);
}

static inline void *__alloc_bootmem(unsigned long size, unsigned long align, unsigned long goal)
{
	void *p = __alloc_bootmem_nopanic(size, align, goal);

	if (!p)
		panic("Out of memory");
	return p;
}

#define alloc_bootmem(x)	   __alloc_bootmem(x, 64, 16UL << 20)
#define alloc_bootmem_nopanic(x)   __alloc_bootmem_nopanic(x, 64, 16UL << 20)
#define alloc_bootmem_pages(x)	   __alloc_bootmem(x, PAGE_SIZE, 16UL << 20)
#define alloc_bootmem_low(x)	   __alloc_bootmem(x, 64, 0)
#define alloc_bootmem_low_pages(x) __alloc_bootmem(x, PAGE_SIZE, 0)

#endif
