/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU memory. Follows mm/percpu.c of 6.1: a cookie is an offset into each CPU's unit; always
 * zeroed; freed areas merge with their neighbours. One chunk of layout.percpu_unit bytes per CPU.
 */
#ifndef KFAIL_ALLOCATOR_PERCPU_H
#define KFAIL_ALLOCATOR_PERCPU_H

#include "../core/hooks.h"

/* __alloc_percpu_gfp(): cookie, or 0 when refused, full, size 0 or above 32 KiB, align above a page. */
u64 kf_alloc_percpu(size_t size, size_t align, u32 gfp);
/* free_percpu(): 0 is fine; an unknown cookie is a bug. */
void kf_free_percpu(u64 cookie);

static inline void *kf_per_cpu_ptr(u64 cookie, unsigned cpu);

const char *kf_percpu_validate(void);

#include "../core/memory.h"
static inline void *kf_per_cpu_ptr(u64 cookie, unsigned cpu)
{
	return (void *)(kf_layout()->percpu + cpu * kf_layout()->percpu_unit + cookie);
}

#endif
