// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU memory: mm/percpu.c. A per-CPU pointer is an offset into the CPU's unit, which GS points
 * to.
 */
#include <linux/percpu.h>
#include <linux/gfp.h>
#include "host.h"

static void __percpu *alloc(size_t size, size_t align, gfp_t gfp)
{
	return (void __percpu *)kf_alloc_percpu(size, align, gfp);
}

void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	return alloc(size, align, gfp);
}

void __percpu *__alloc_percpu(size_t size, size_t align)
{
	return alloc(size, align, GFP_KERNEL);
}

/* Static per-CPU variables of a module. */
void __percpu *__alloc_reserved_percpu(size_t size, size_t align)
{
	return alloc(size, align, GFP_KERNEL);
}

void free_percpu(void __percpu *ptr)
{
	if (ptr)
		kf_free_percpu((u64)ptr);
}

phys_addr_t per_cpu_ptr_to_phys(void *addr)
{
	return __pa(addr);
}
