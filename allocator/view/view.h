/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views: the state of the allocators as text, in the formats of the kernel's own files. Each view is a
 * function that writes lines to a callback; nothing is allocated in the world, no hook is called, and the
 * world is the same afterwards. Numbers of one view are read one after another: other threads that allocate
 * meanwhile make them disagree, as in the kernel.
 */
#ifndef KFAIL_ALLOCATOR_VIEW_H
#define KFAIL_ALLOCATOR_VIEW_H

#include "../core/hooks.h"

/* Where a view goes, and who names what the allocators cannot. Stacks are named by the hook `describe`. */
struct kf_view {
	/* Called once per line, without its newline. */
	void (*line)(const char *text, void *arg);
	/* The function at an address as %pS prints it. NULL: the number. */
	void (*function)(const void *addr, char *text, size_t size, void *arg);
	void *arg;
};

/* /proc/slabinfo, version 2.1: newest cache first (mm/slab_common.c, mm/slub.c). */
void kf_view_slabinfo(const struct kf_view *out);
/* What an OOM dump says of caches that cannot be reclaimed (mm/slab_common.c). */
void kf_view_unreclaimable(const struct kf_view *out);
/* /proc/buddyinfo (mm/vmstat.c). */
void kf_view_buddyinfo(const struct kf_view *out);
/* /proc/pagetypeinfo (mm/vmstat.c). */
void kf_view_pagetypeinfo(const struct kf_view *out);
/* /proc/zoneinfo (mm/vmstat.c): counters of what lies above the allocators (LRU lists, page cache) are 0. */
void kf_view_zoneinfo(const struct kf_view *out);
/* /sys/kernel/debug/page_owner (mm/page_owner.c). */
void kf_view_page_owner(const struct kf_view *out);
/* /proc/vmallocinfo (mm/vmalloc.c). */
void kf_view_vmallocinfo(const struct kf_view *out);
/* /sys/kernel/debug/memblock/memory and reserved (mm/memblock.c). */
void kf_view_memblock_memory(const struct kf_view *out);
void kf_view_memblock_reserved(const struct kf_view *out);
/* /proc/meminfo: the lines that the allocators know (fs/proc/meminfo.c). */
void kf_view_meminfo(const struct kf_view *out);

/* All views without parameters, in the order of the list that `kfail inspect` prints. */
struct kf_view_kind {
	const char *name; /* NULL ends the table */
	const char *file; /* of the kernel; NULL: its log */
	const char *what; /* half a sentence */
	void (*show)(const struct kf_view *out);
};
extern const struct kf_view_kind kf_view_kinds[];

/* ---- one cache: /sys/kernel/slab/CACHE/ (mm/slub.c) -------------------------------------------------- */

struct kf_cache;

/* The i-th attribute's name, in the kernel's order; NULL after the last. */
const char *kf_view_cache_attribute(unsigned i);
/* Write the lines of one attribute; false: there is none of this name. An empty file writes no line. */
bool kf_view_cache(const struct kf_view *out, const struct kf_cache *cache, const char *attribute);
/* /sys/kernel/debug/slab/CACHE/alloc_traces, or free_traces; also an attribute of these names. */
void kf_view_traces(const struct kf_view *out, const struct kf_cache *cache, bool alloc);
/* The cache of this name, or one that was merged under it; NULL: none. */
struct kf_cache *kf_view_find_cache(const char *name);
/* Call fn for each cache, newest first. */
void kf_view_caches(void (*fn)(struct kf_cache *cache, void *arg), void *arg);

#endif
