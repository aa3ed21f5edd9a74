/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the allocators: virtual areas. */
#ifndef KFAIL_ALLOCATOR_VMALLOC_STATE_H
#define KFAIL_ALLOCATOR_VMALLOC_STATE_H

#include "../core/base.h"
#include "vmalloc.h"

struct kf_area {
	u64 va, pages;
	size_t size;
	u64 *pfns;
	struct page **owned; /* KF_VM_MAP_PUT_PAGES: the caller's array, ours to free */
	u64 seq;
	u32 gfp, alloc_tag, free_tag;
	u16 flags; /* KF_VM_* */
	u16 offset;
	bool live, exec;
};

struct kf_range {
	u64 start, end, next;
};

/* Areas sorted by address, dead ones among them until the next purge. */
struct kf_areas {
	u32 lock;
	u32 count, capacity, dead;
	u64 dead_pages;
	struct kf_area **sorted;
	struct kf_range range[2]; /* vmalloc, modules */
};

void kf_vmalloc_init(void);
bool kf_vmalloc_object(const void *addr, struct kf_object *out);

#endif
