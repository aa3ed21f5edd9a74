/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small world, so that a test and an input come to the end of memory: 64 MiB in all five zones (DMA 0..2 MiB, DMA32 2..8,
 * Normal 16..48, HighMem ..56, Movable ..64), at the address where native mode has its world too. The random tests and the
 * fuzz target share it; each adds how many CPUs there are.
 */
#ifndef KFAIL_FUZZ_SMALL_WORLD_H
#define KFAIL_FUZZ_SMALL_WORLD_H

#include "../../allocator/core/memory.h"

#define SMALL_WORLD_MIB	 (1ull << 20)
#define SMALL_WORLD_BASE 0x200000000000ull

/* Members of a struct kf_layout's initialiser. */
/* clang-format off */
#define SMALL_WORLD                                                                                \
	.direct_map = SMALL_WORLD_BASE,                                                            \
	.zone = {                                                                                  \
		[KF_ZONE_DMA] = {0, 2 * SMALL_WORLD_MIB},                                          \
		[KF_ZONE_DMA32] = {2 * SMALL_WORLD_MIB, 8 * SMALL_WORLD_MIB},                      \
		[KF_ZONE_NORMAL] = {16 * SMALL_WORLD_MIB, 48 * SMALL_WORLD_MIB},                   \
		[KF_ZONE_HIGHMEM] = {48 * SMALL_WORLD_MIB, 56 * SMALL_WORLD_MIB},                  \
		[KF_ZONE_MOVABLE] = {56 * SMALL_WORLD_MIB, 64 * SMALL_WORLD_MIB},                  \
	},                                                                                         \
	.phys_end = 64 * SMALL_WORLD_MIB,                                                          \
	.high_map = SMALL_WORLD_BASE + 0x60000000,                                                 \
	.vmemmap = SMALL_WORLD_BASE + 0x10000000,                                                  \
	.meta = SMALL_WORLD_BASE + 0x20000000,                                                     \
	.meta_size = 16 * SMALL_WORLD_MIB,                                                         \
	.vmalloc_start = SMALL_WORLD_BASE + 0x30000000,                                            \
	.vmalloc_end = SMALL_WORLD_BASE + 0x30000000 + 32 * SMALL_WORLD_MIB,                       \
	.module_start = SMALL_WORLD_BASE + 0x40000000,                                             \
	.module_end = SMALL_WORLD_BASE + 0x40000000 + 4 * SMALL_WORLD_MIB,                         \
	.kmap = SMALL_WORLD_BASE + 0x48000000,                                                     \
	.percpu = SMALL_WORLD_BASE + 0x50000000,                                                   \
	.percpu_unit = 256 << 10,                                                                  \
	.percpu_static = 64,                                                                       \
	.zone_shift = 61,                                                                          \
	.zone_number = {0, 1, 2, 3, 4},                                                            \
	.pg_reserved = 12,                                                                         \
	.pg_slab = 9,                                                                              \
	.pg_head = 16
/* clang-format on */

#endif
