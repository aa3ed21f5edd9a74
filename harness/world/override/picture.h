/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocators' numbers at one moment, as they cross from the host to the override layer, which shows them in
 * the kernel's own files. Plain fields, so that both compilers agree. Counts are in pages where nothing else is
 * said.
 */
#ifndef KFAIL_OVERRIDE_PICTURE_H
#define KFAIL_OVERRIDE_PICTURE_H

struct kf_cache_picture {
	const void *cache;
	const char *name;
	unsigned long size, object_size, align, flags, ctor; /* bytes; SLAB_* */
	unsigned long order, min_order, objects_per_slab;
	unsigned long aliases, min_partial, cpu_partial, cpu_partial_slabs;
	unsigned long useroffset, usersize;
	/* As slabinfo counts: free objects of the slabs of a CPU are active. */
	unsigned long active_objects, objects, slabs;
	unsigned long partial, partial_objects, cpu_slabs;
};

#define KF_PICTURE_ORDERS 11
#define KF_PICTURE_ZONES  5 /* of the kernel: DMA DMA32 Normal Movable Device */

struct kf_zone_picture {
	unsigned long free, boost, min, low, high, promo;
	unsigned long protection[KF_PICTURE_ZONES];
	unsigned long blocks[KF_PICTURE_ORDERS]; /* free blocks of each order */
	unsigned long reserved_highatomic;
	unsigned long count, pcp_high, batch; /* the lists of CPU 0 */
	unsigned long allocs, frees;	      /* since the world began */
};

enum kf_area_kind { KF_PICTURE_VM, KF_PICTURE_MAP_RAM, KF_PICTURE_UNPURGED };

struct kf_area_picture {
	unsigned long kind, start, end;
	void *vm; /* struct vm_struct of a KF_PICTURE_VM */
};

struct kf_memory_picture {
	unsigned long free, slab_reclaimable, slab_unreclaimable, percpu;
};

#endif
