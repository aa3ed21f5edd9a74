/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: virtual areas, and what the files of this folder want of each other.
 *
 * Every page of the vmalloc and module ranges is in exactly one range of one of two trees:
 *
 *	areas	busy ones, and dead ones until the next purge
 *	gaps	everything else; two gaps never touch
 */
#ifndef KFAIL_ALLOCATOR_VMALLOC_STATE_H
#define KFAIL_ALLOCATOR_VMALLOC_STATE_H

#include "../core/base.h"
#include "ranges.h"
#include "vmalloc.h"

/* Who made an area, which says who may free it: one bit each. */
enum kf_maker {
	KF_BY_VMALLOC = 1,
	KF_BY_VMAP = 2,
	KF_BY_VMAP_PFN = 4,
	KF_BY_IOREMAP = 8,
	KF_BY_GET_VM_AREA = 0x10,
	KF_BY_PERCPU = 0x20,
	KF_BY_MAP_RAM = 0x40,	/* one mapping of vm_map_ram(): an area, or part of a block */
	KF_BY_BLOCK = 0x80,	/* a block of such mappings */
	KF_BY_VMAP_PUT = 0x100, /* vmap() with VM_MAP_PUT_PAGES: vm.pages go with it */
};
#define KF_FOR_VFREE  (KF_BY_VMALLOC | KF_BY_VMAP_PUT)
#define KF_FOR_VUNMAP (KF_BY_VMAP | KF_BY_VMAP_PUT | KF_BY_VMAP_PFN)
#define KF_WITHOUT_VM (KF_BY_MAP_RAM | KF_BY_BLOCK)

enum kf_area_state {
	KF_AREA_NEW,	 /* has its place; nobody was told */
	KF_AREA_LIVE,	 /* told */
	KF_AREA_LEAVING, /* claimed by the one who frees it */
	KF_AREA_DEAD,	 /* unmapped; the record stays for reports until the purge */
};

/* range is the place, guard page included; vm.addr == range.start and vm.size == range.end - range.start. */
struct kf_area {
	struct kf_range range;
	struct kf_vm vm;
	size_t size; /* requested */
	u64 seq;     /* 0: no object, nobody was told */
	u32 gfp, alloc_tag, free_tag;
	u16 maker;
	u16 offset; /* ioremap: of the object in its first page */
	u8 state, prot;
	bool guard, deferred;
	u32 nr_frames;
	struct page **frames; /* its own, given back with it; some may be NULL */
	struct kf_area *next; /* of the list of dead ones, or of those that wait for vfree's work */
	struct kf_block *block; /* of a KF_BY_BLOCK itself, and of its parts */
};

/* One aligned piece of address space that vm_map_ram() hands out from the bottom up; what was unmapped is not used
 * again before the whole block is. free + dirty + live == pages. */
struct kf_block {
	struct kf_list link; /* in its CPU's queue, while free != 0 */
	struct kf_area *area;
	u32 pages, free, dirty;
	struct kf_area *part[]; /* by page: the mapping that has it, live or dead, or NULL */
};

struct kf_areas {
	u32 lock;
	struct kf_ranges areas, gaps;
	u64 busy, nr_dead, lazy_pages; /* areas in use, dead ones, pages of the dead */
	u64 nr_pages;		       /* frames of vmalloc() */
	u64 nr_blocks;
	struct kf_area *dead, *deferred; /* lists by `next` */
	struct kf_list *queue;		 /* blocks with room, by CPU */
};

static inline struct kf_area *kf_area_of(struct kf_range *range)
{
	return (struct kf_area *)range;
}

static inline u64 kf_area_bytes(const struct kf_area *area)
{
	return area->range.end - area->range.start - (area->guard ? KF_PAGE_SIZE : 0);
}

/* areas.c; the second part with areas->lock held */
struct kf_areas *kf_areas(void);
void kf_vmalloc_init(void);
/* A place for an area of args->size bytes; NULL and a line in the log when there is none. */
struct kf_area *kf_area_new(const struct kf_vmalloc_args *args, enum kf_maker maker);
/* The area that starts at addr, is live, and was made by one of `makers`: it is the caller's to free now. NULL: told. */
struct kf_area *kf_area_claim(const void *addr, unsigned makers, const char *what);
void kf_area_told_bad(const void *addr, const char *what);
void kf_area_drop(struct kf_area *area);

struct kf_area *kf_area_at(u64 va);   /* around va, parts of blocks too */
struct kf_area *kf_area_from(u64 va); /* the first that ends above va */
bool kf_gap_take(u64 start,
		 u64 end); /* [start, end) lies in one gap; false: no memory for the rest */
bool kf_gap_give(u64 start, u64 end);

/* lazy.c; kf_area_bury() takes the lock */
void kf_area_bury(struct kf_area *area);
void kf_area_bury_locked(struct kf_area *area);
bool kf_lazy_purge(void); /* false: there was nothing */
u64 kf_lazy_max(void);

/* objects.c */
enum kf_kind kf_area_kind(const struct kf_area *area);
void kf_area_object(const struct kf_area *area, struct kf_object *out);
bool kf_vmalloc_object(const void *addr, struct kf_object *out);
void *kf_area_announce(struct kf_area *area, size_t size, u32 gfp);
void kf_area_guard_tail(const struct kf_area *area);
/* A claimed area: tell, check, unmap, put what is its own, bury. */
void kf_area_free(struct kf_area *area);

/* frames.c */
bool kf_area_take_frames(struct kf_area *area, u32 gfp, unsigned order);
void kf_area_put_frames(struct kf_area *area);
void kf_put_pages(struct page *const *pages, u64 n);
u64 kf_all_pages(void);
/* Zeroed frames, as a device's memory is here, for pages [first, first + n) of an area; mapped. 0 or -ENOMEM. */
int kf_area_map_device(struct kf_area *area, u64 first, u64 n, u32 prot);
/* Is this physical page RAM that somebody may be using? The first MiB is not: devices live there. */
bool kf_is_ram(u64 pfn);

/* map_ram.c */
void kf_blocks_init(void);
void kf_blocks_purge(void); /* bury those in which nothing is live */
void kf_block_drop(struct kf_block *block);
struct kf_area *kf_block_part(const struct kf_block *block, u64 va, bool or_later);
const char *kf_block_validate(const struct kf_block *block);

#endif
