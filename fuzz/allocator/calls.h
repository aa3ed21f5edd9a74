/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the allocator target: their numbers, which are never given out anew, and the fields that its files read.
 */
#ifndef KFAIL_FUZZ_ALLOCATOR_CALLS_H
#define KFAIL_FUZZ_ALLOCATOR_CALLS_H

#include "../input/grammar.h"

enum call_number {
	CALL_KMALLOC = 1,
	CALL_KMALLOC_ARRAY = 2,
	CALL_KREALLOC = 3,
	CALL_KSIZE = 4,
	CALL_FREE = 5,
	CALL_KFREE_BULK = 6,
	CALL_CACHE_CREATE = 7,
	CALL_CACHE_DESTROY = 8,
	CALL_CACHE_SHRINK = 9,
	CALL_CACHE_ALLOC = 10,
	CALL_CACHE_ALLOC_BULK = 11,
	CALL_CACHE_FREE_BULK = 12,
	CALL_ALLOC_PAGES = 13,
	CALL_ALLOC_PAGES_EXACT = 14,
	CALL_ALLOC_PAGES_BULK = 15,
	CALL_SPLIT_PAGE = 16,
	CALL_PAGE_FRAG_ALLOC = 17,
	CALL_PAGE_FRAG_DRAIN = 18,
	CALL_VMALLOC = 19,
	CALL_VFREE_ATOMIC = 20,
	CALL_VFREE_WORK = 21,
	CALL_VMAP = 22,
	CALL_VM_MAP_RAM = 23,
	CALL_VM_UNMAP_ALIASES = 24,
	CALL_IOREMAP = 25,
	CALL_MEMPOOL_CREATE = 26,
	CALL_MEMPOOL_RESIZE = 27,
	CALL_MEMPOOL_ALLOC = 28,
	CALL_MEMPOOL_DESTROY = 29,
	CALL_ALLOC_PERCPU = 30,
	CALL_DMA_POOL_CREATE = 31,
	CALL_DMA_POOL_ALLOC = 32,
	CALL_DMA_POOL_DESTROY = 33,
	CALL_DMA_ALLOC_COHERENT = 34,
	CALL_KMAP = 35,
	CALL_KMEMLEAK = 36,
	CALL_FORGET = 37,
	CALL_SCAN = 38,
	CALL_CONTEXT = 39,
	CALL_CPU = 40,
	CALL_DRAIN = 41,
	CALL_CHECK = 42,
	CALL_WRITE = 43,
	CALL_OVERFLOW = 44,
	CALL_BAD_FREE = 45,
	CALL_LAST = CALL_BAD_FREE,
};

/* How many handles of each kind there are. */
#define THINGS	  32u
#define CACHES	  8u
#define POOLS	  4u
#define DMA_POOLS 4u
#define BULK_MAX  16u
#define CPUS	  4u

enum { TABLE_THINGS, TABLE_CACHES, TABLE_POOLS, TABLE_DMA_POOLS };

enum cache_kind {
	CACHE_PLAIN,
	CACHE_HWCACHE,
	CACHE_CTOR,
	CACHE_RCU,
	CACHE_RECLAIM,
	CACHE_DMA,
	CACHE_ALIGNED, /* to 256 bytes */
	CACHE_ACCOUNT,
	NR_CACHE_KINDS
};

enum pool_kind { POOL_KMALLOC, POOL_PAGES, POOL_CUSTOM, NR_POOL_KINDS };
enum dma_reach { REACH_24, REACH_32, REACH_64, NR_REACHES };
enum kmemleak_word { KMEMLEAK_NOT_LEAK, KMEMLEAK_IGNORE, KMEMLEAK_NO_SCAN, NR_KMEMLEAK_WORDS };
enum drain_word { DRAIN_ALL, DRAIN_LOCAL, NR_DRAIN_WORDS };
enum bad_free { BAD_FREE_INSIDE, BAD_FREE_TWICE, NR_BAD_FREES };

extern const struct fuzz_grammar allocator_grammar;

/* Fields, for fuzz_get(). Only those that the call has mean anything. */
extern const struct fuzz_field field_to, field_of, field_cache, field_new_cache, field_pool,
	field_new_pool, field_dma, field_new_dma, field_size, field_gfp, field_count, field_order,
	field_align, field_cache_kind, field_pool_kind, field_reach, field_kmemleak, field_context,
	field_cpu, field_drain, field_bad_free, field_local, field_element, field_min_nr,
	field_dma_align;

#endif
