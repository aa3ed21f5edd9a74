/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU memory. Follows mm/percpu.c of 6.1: a cookie is an offset into each CPU's unit; always zeroed; freed
 * areas merge with their neighbours. Chunks are made when the others are full, and pages of a chunk get
 * memory (one page for each CPU) when something is allocated in them. See percpu.c.
 */
#ifndef KFAIL_ALLOCATOR_PERCPU_H
#define KFAIL_ALLOCATOR_PERCPU_H

#include "../core/hooks.h"

#define KF_PCPU_MIN_ALLOC_SIZE 4u	   /* PCPU_MIN_ALLOC_SIZE: areas are multiples of it */
#define KF_PCPU_MIN_UNIT_SIZE  (32u << 10) /* PCPU_MIN_UNIT_SIZE: the largest request */

/*
 * __alloc_percpu_gfp(): a cookie, or 0: size 0 or above 32 KiB, align above a page or no power of two (told as a
 * warning unless __GFP_NOWARN); refused; no room for another chunk or no memory for its pages (the kernel's
 * line is logged, ten times in all); a task with a fatal signal, which the kernel would not let wait for its mutex.
 * gfp without __GFP_DIRECT_RECLAIM (atomic context): only pages that have memory already are used, and failing
 * is silent. Asks and tells the hooks as KF_PERCPU.
 */
u64 kf_alloc_percpu(size_t size, size_t align, u32 gfp);

/* free_percpu(): 0 is fine; an area that was freed already, and what never was one, are told; nothing is freed. */
void kf_free_percpu(u64 cookie);
/* Where the chunk of an area that was once allocated begins (pcpu_chunk.base_addr), as an offset like the cookie. */
u64 kf_percpu_chunk(u64 cookie);

static inline void *kf_per_cpu_ptr(u64 cookie, unsigned cpu);

struct kf_percpu_stat {
	u32 chunks;	     /* with the first one, which is always there */
	u32 live;	     /* areas */
	u32 populated_pages; /* per CPU, of all chunks */
	u32 empty_pages;     /* of these, pages without an area */
	u64 frames; /* of the page allocator, for all CPUs ("Percpu" of meminfo, in pages) */
};
void kf_percpu_stat(struct kf_percpu_stat *out);

const char *kf_percpu_validate(void);

#include "../core/memory.h"
static inline void *kf_per_cpu_ptr(u64 cookie, unsigned cpu)
{
	return (void *)(kf_layout()->percpu + cpu * kf_layout()->percpu_unit + cookie);
}

#endif
