// SPDX-License-Identifier: GPL-2.0-only
/*
 * The allocators' layout of a kernel-mode world (layout.h). Page flag numbers are those of 6.1
 * (include/linux/page-flags.h), zone and node in the top bits as x86-64 with sparsemem-vmemmap puts
 * them: node 10 bits at 54, zone 3 bits at 51.
 */
#include "layout.h"

struct kf_layout world_layout(uint64_t percpu_static)
{
	return (struct kf_layout){
		.direct_map = DIRECT_MAP,
		.zone = {[KF_ZONE_DMA] = {0, 16ul << 20},
			 [KF_ZONE_DMA32] = {16ul << 20, 368ul << 20},
			 [KF_ZONE_NORMAL] = {768ul << 20, 1792ul << 20}},
		.phys_end = PHYS_END,
		.vmemmap = VMEMMAP_BASE,
		.meta = META_BASE,
		.meta_size = META_SIZE,
		.vmalloc_start = VMALLOC_BASE,
		.vmalloc_end = VMALLOC_BASE + VMALLOC_SIZE,
		.module_start = MODULE_BASE,
		.module_end = MODULE_END,
		.percpu = PERCPU_BASE,
		.percpu_unit = PERCPU_UNIT,
		.percpu_static = percpu_static,
		.nr_cpus = 1,
		.zone_shift = 51,
		.zone_number = {[KF_ZONE_DMA] = 0,
				[KF_ZONE_DMA32] = 1,
				[KF_ZONE_NORMAL] = 2,
				[KF_ZONE_MOVABLE] = 3},
		.pg_reserved = 12,
		.pg_slab = 9,
		.pg_head = 16,
	};
}
