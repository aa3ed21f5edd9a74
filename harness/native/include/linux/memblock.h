/* SPDX-License-Identifier: GPL-2.0-only */
/* Early memory. A driver is loaded long after it: allocations are served by the slab allocator, with a warning. */
#ifndef KFAIL_LINUX_MEMBLOCK_H
#define KFAIL_LINUX_MEMBLOCK_H

#include "mm.h"

#define MEMBLOCK_LOW_LIMIT	  0
#define MEMBLOCK_ALLOC_ACCESSIBLE 0
#define MEMBLOCK_ALLOC_ANYWHERE	  (~(phys_addr_t)0)

void *memblock_alloc_try_nid(phys_addr_t size, phys_addr_t align, phys_addr_t min_addr,
			     phys_addr_t max_addr, int nid);
void *memblock_alloc_try_nid_raw(phys_addr_t size, phys_addr_t align, phys_addr_t min_addr,
				 phys_addr_t max_addr, int nid);
phys_addr_t memblock_phys_mem_size(void);
phys_addr_t memblock_reserved_size(void);
phys_addr_t memblock_start_of_DRAM(void);
phys_addr_t memblock_end_of_DRAM(void);
bool memblock_is_memory(phys_addr_t addr);
bool memblock_is_map_memory(phys_addr_t addr);
bool memblock_is_region_memory(phys_addr_t base, phys_addr_t size);
bool memblock_is_reserved(phys_addr_t addr);
bool memblock_is_region_reserved(phys_addr_t base, phys_addr_t size);

#define memblock_alloc(size, align) \
	memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT, 0, NUMA_NO_NODE)
#define memblock_alloc_raw(size, align) \
	memblock_alloc_try_nid_raw(size, align, MEMBLOCK_LOW_LIMIT, 0, NUMA_NO_NODE)
#define memblock_alloc_from(size, align, min) \
	memblock_alloc_try_nid(size, align, min, 0, NUMA_NO_NODE)
#define memblock_alloc_low(size, align) \
	memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT, 0xffffffffUL, NUMA_NO_NODE)
#define memblock_alloc_node(size, align, nid) \
	memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT, 0, nid)

#endif
