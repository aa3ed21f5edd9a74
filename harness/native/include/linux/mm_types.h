/* SPDX-License-Identifier: GPL-2.0-only */
/* struct page, at the kernel's offsets. */
#ifndef KFAIL_LINUX_MM_TYPES_H
#define KFAIL_LINUX_MM_TYPES_H

#include "types.h"
#include "../asm/page.h"

struct address_space;

struct page {
	unsigned long flags;
	union {
		struct list_head lru;
		struct {
			unsigned long compound_head;
			unsigned char compound_dtor;
			unsigned char compound_order;
		};
	};
	struct address_space *mapping;
	pgoff_t index;
	unsigned long private;
	atomic_t _mapcount;
	atomic_t _refcount;
	unsigned long memcg_data;
};
_Static_assert(sizeof(struct page) == 64, "struct page has the kernel's size");

/* Pieces of pages, see gfp.h. */
struct page_frag_cache {
	void *va;
	u16 offset, size;
	unsigned int pagecnt_bias;
	bool pfmemalloc;
};

struct page_frag {
	struct page *page;
	u32 offset, size;
};

#define PAGE_FRAG_CACHE_MAX_SIZE  32768
#define PAGE_FRAG_CACHE_MAX_ORDER 3

struct vm_area_struct;
struct mm_struct;

#endif
