/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Early memory, before the buddy allocator has any: two sorted lists of physical ranges, `memory`
 * and `reserved`. Follows mm/memblock.c of 6.1. kf_memory_init() adds the zones as memory.
 * Process context of one CPU only.
 */
#ifndef KFAIL_ALLOCATOR_MEMBLOCK_H
#define KFAIL_ALLOCATOR_MEMBLOCK_H

#include "../core/types.h"

/* Reserve or give back [phys, phys+size). 0 or -errno (-ENOMEM: region table full). */
int kf_memblock_reserve(u64 phys, u64 size);
int kf_memblock_free(u64 phys, u64 size);

/* Allocate `size` bytes aligned to `align` within [min, max) physical (max 0: anywhere), top down,
 * zeroed unless `raw`. Returns the direct-map address, or NULL. */
void *kf_memblock_alloc(u64 size, u64 align, u64 min, u64 max, bool raw);

bool kf_memblock_is_reserved(u64 phys);

/* Hand everything that is not reserved to the buddy allocator; memblock is closed afterwards.
 * Returns the number of pages handed over. */
u64 kf_memblock_free_all(void);

#endif
