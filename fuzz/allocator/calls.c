// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of calls: what an input of the allocator target can say. `kfail fuzz --target allocator --grammar` prints it;
 * allocator.c does what it says.
 *
 *	| number | handle | small | gfp | gfp | size | size | size |
 *	     0	      1	      2	     3	   4	 5	6      7
 *
 * The small byte is an order, an alignment (a power of two), a count, a kind, or a second handle.
 */
#include "calls.h"

#define HANDLE 1, 1
#define SMALL  2, 1
#define GFP    3, 2
#define SIZE   5, 3

static const char *const cache_kinds[] = {"plain", "hwcache", "ctor",	 "rcu", "reclaim",
					  "dma",   "aligned", "account", NULL};
static const char *const pool_kinds[] = {"kmalloc", "pages", "custom", NULL};
static const char *const reaches[] = {"24", "32", "64", NULL};
static const char *const kmemleak_words[] = {"not_leak", "ignore", "no_scan", NULL};
static const char *const context_words[] = {"hardirq", "softirq",    "atomic",	 "memalloc", "noio",
					    "nofs",    "oom_victim", "realtime", NULL};
static const char *const drain_words[] = {"all", "local", NULL};
static const char *const bad_frees[] = {"inside", "twice", NULL};

/* clang-format off */
const struct fuzz_field
	field_to	 = {"to", FUZZ_NEW, HANDLE, THINGS, NULL, TABLE_THINGS},
	field_of	 = {"of", FUZZ_OLD, HANDLE, THINGS, NULL, TABLE_THINGS},
	field_cache	 = {"cache", FUZZ_OLD, SMALL, CACHES, NULL, TABLE_CACHES},
	field_new_cache	 = {"cache", FUZZ_NEW, SMALL, CACHES, NULL, TABLE_CACHES},
	field_pool	 = {"pool", FUZZ_OLD, SMALL, POOLS, NULL, TABLE_POOLS},
	field_new_pool	 = {"pool", FUZZ_NEW, SMALL, POOLS, NULL, TABLE_POOLS},
	field_dma	 = {"dma", FUZZ_OLD, SMALL, DMA_POOLS, NULL, TABLE_DMA_POOLS},
	field_new_dma	 = {"dma", FUZZ_NEW, SMALL, DMA_POOLS, NULL, TABLE_DMA_POOLS},
	field_size	 = {"size", FUZZ_SIZE, SIZE, 0, NULL, 0},
	field_element	 = {"size", FUZZ_SIZE, SIZE, 65536, NULL, 0},
	field_gfp	 = {"gfp", FUZZ_GFP, GFP, 0, NULL, 0},
	field_count	 = {"count", FUZZ_NUMBER, SMALL, BULK_MAX + 1, NULL, 0},
	field_order	 = {"order", FUZZ_NUMBER, SMALL, 13, NULL, 0},
	field_align	 = {"align", FUZZ_NUMBER, SMALL, 14, NULL, 0},
	field_cache_kind = {"kind", FUZZ_WORD, HANDLE, NR_CACHE_KINDS, cache_kinds, 0},
	field_pool_kind	 = {"kind", FUZZ_WORD, HANDLE, NR_POOL_KINDS, pool_kinds, 0},
	field_reach	 = {"bits", FUZZ_WORD, SMALL, NR_REACHES, reaches, 0},
	field_kmemleak	 = {"say", FUZZ_WORD, SMALL, NR_KMEMLEAK_WORDS, kmemleak_words, 0},
	field_context	 = {"is", FUZZ_FLAGS, SMALL, 0, context_words, 0},
	field_cpu	 = {"cpu", FUZZ_NUMBER, SMALL, CPUS, NULL, 0},
	field_drain	 = {"lists", FUZZ_WORD, SMALL, NR_DRAIN_WORDS, drain_words, 0},
	field_bad_free	 = {"how", FUZZ_WORD, SMALL, NR_BAD_FREES, bad_frees, 0},
	field_local	 = {"local", FUZZ_NUMBER, SMALL, 2, NULL, 0};

const struct fuzz_field
	field_min_nr	 = {"count", FUZZ_NUMBER, GFP, BULK_MAX + 1, NULL, 0},
	field_dma_align	 = {"align", FUZZ_NUMBER, HANDLE, 14, NULL, 0};

static const struct fuzz_call calls[] = {
	{CALL_KMALLOC, "kmalloc", "`kmalloc(size, gfp)`", {&field_to, &field_size, &field_gfp}},
	{CALL_KMALLOC_ARRAY, "kmalloc_array", "`kmalloc_array(count, size, gfp)`",
	 {&field_to, &field_count, &field_size, &field_gfp}},
	{CALL_KREALLOC, "krealloc", "`krealloc(of, size, gfp)`; nothing there: `kmalloc()`",
	 {&field_of, &field_size, &field_gfp}},
	{CALL_KSIZE, "ksize", "`ksize(of)`; all that it says is used from then on", {&field_of}},
	{CALL_FREE, "free", "`kfree()`, `vfree()`, `__free_pages()`, ...: as it was allocated", {&field_of}},
	{CALL_KFREE_BULK, "kfree_bulk", "`kfree_bulk()` of what `kmalloc()` gave, among `count` handles from `of` on",
	 {&field_of, &field_count}},
	{CALL_CACHE_CREATE, "cache_create", "`kmem_cache_create()`; one that is there is destroyed first",
	 {&field_new_cache, &field_cache_kind, &field_element}},
	{CALL_CACHE_DESTROY, "cache_destroy", "`kmem_cache_destroy()`; with live objects it has to refuse, and tell", {&field_cache}},
	{CALL_CACHE_SHRINK, "cache_shrink", "`kmem_cache_shrink()`", {&field_cache}},
	{CALL_CACHE_ALLOC, "cache_alloc", "`kmem_cache_alloc(cache, gfp)`", {&field_to, &field_cache, &field_gfp}},
	{CALL_CACHE_ALLOC_BULK, "cache_alloc_bulk", "`kmem_cache_alloc_bulk()`: size modulo 17 objects, into handles from `to` on",
	 {&field_to, &field_cache, &field_gfp, &field_size}},
	{CALL_CACHE_FREE_BULK, "cache_free_bulk", "`kmem_cache_free_bulk()` of the cache's objects among size modulo 17 handles from `of` on",
	 {&field_of, &field_cache, &field_size}},
	{CALL_ALLOC_PAGES, "alloc_pages", "`alloc_pages(gfp, order)`", {&field_to, &field_order, &field_gfp}},
	{CALL_ALLOC_PAGES_EXACT, "alloc_pages_exact", "`alloc_pages_exact(size, gfp)`", {&field_to, &field_size, &field_gfp}},
	{CALL_ALLOC_PAGES_BULK, "alloc_pages_bulk", "`alloc_pages_bulk_array()`: `count` pages, into handles from `to` on",
	 {&field_to, &field_count, &field_gfp}},
	{CALL_SPLIT_PAGE, "split_page", "`split_page()` of a block up to order 3: its pages go to handles from `of` on", {&field_of}},
	{CALL_PAGE_FRAG_ALLOC, "page_frag_alloc", "`page_frag_alloc_align()`, to 2^align bytes", {&field_to, &field_align, &field_size, &field_gfp}},
	{CALL_PAGE_FRAG_DRAIN, "page_frag_drain", "the cache of fragments gives its block back", {NULL}},
	{CALL_VMALLOC, "vmalloc", "`vmalloc(size)`, to 2^align bytes", {&field_to, &field_align, &field_size, &field_gfp}},
	{CALL_VFREE_ATOMIC, "vfree_atomic", "`vfree_atomic()`: freed with the next vfree_work", {&field_of}},
	{CALL_VFREE_WORK, "vfree_work", "the work of `vfree_atomic()` runs", {NULL}},
	{CALL_VMAP, "vmap", "`vmap()` of `count` modulo 8, and one, new pages", {&field_to, &field_count, &field_gfp}},
	{CALL_VM_MAP_RAM, "vm_map_ram", "`vm_map_ram()` of as many", {&field_to, &field_count, &field_gfp}},
	{CALL_VM_UNMAP_ALIASES, "vm_unmap_aliases", "`vm_unmap_aliases()`", {NULL}},
	{CALL_IOREMAP, "ioremap", "`ioremap()` of `size` bytes of a device", {&field_to, &field_element}},
	{CALL_MEMPOOL_CREATE, "mempool_create", "`mempool_create()` with `count` elements in reserve; nothing while the old one's are out",
	 {&field_new_pool, &field_pool_kind, &field_min_nr, &field_element}},
	{CALL_MEMPOOL_RESIZE, "mempool_resize", "`mempool_resize()` to size modulo 17, at least 1", {&field_pool, &field_size}},
	{CALL_MEMPOOL_ALLOC, "mempool_alloc", "`mempool_alloc(pool, gfp)`", {&field_to, &field_pool, &field_gfp}},
	{CALL_MEMPOOL_DESTROY, "mempool_destroy", "`mempool_destroy()`; nothing while elements are out", {&field_pool}},
	{CALL_ALLOC_PERCPU, "alloc_percpu", "`__alloc_percpu_gfp()`, to 2^align bytes", {&field_to, &field_align, &field_size, &field_gfp}},
	{CALL_DMA_POOL_CREATE, "dma_pool_create", "`dma_pool_create()`, blocks to 2^align bytes; nothing while the old one's are out",
	 {&field_new_dma, &field_dma_align, &field_element}},
	{CALL_DMA_POOL_ALLOC, "dma_pool_alloc", "`dma_pool_alloc()`", {&field_to, &field_dma, &field_gfp}},
	{CALL_DMA_POOL_DESTROY, "dma_pool_destroy", "`dma_pool_destroy()`; nothing while blocks are out", {&field_dma}},
	{CALL_DMA_ALLOC_COHERENT, "dma_alloc_coherent", "`dma_alloc_coherent()` for a device with an address of so many bits",
	 {&field_to, &field_reach, &field_size, &field_gfp}},
	{CALL_KMAP, "kmap", "`kmap()` or `kmap_local_page()` of a page, and back", {&field_of, &field_local}},
	{CALL_KMEMLEAK, "kmemleak", "`kmemleak_not_leak()` and kin", {&field_of, &field_kmemleak}},
	{CALL_FORGET, "forget", "nothing points to it from now on, until it is used again", {&field_of}},
	{CALL_SCAN, "scan", "kmemleak looks for what nothing points to, and has to find just that", {NULL}},
	{CALL_CONTEXT, "context", "the task is and may from now on", {&field_context}},
	{CALL_CPU, "cpu", "runs on this CPU from now on", {&field_cpu}},
	{CALL_DRAIN, "drain", "`drain_all_pages()` or `drain_local_pages()`", {&field_drain}},
	{CALL_CHECK, "check", "all invariants, guards and poison are looked at", {NULL}},
	{CALL_WRITE, "write", "its owner writes all of it anew", {&field_of}},
	{CALL_OVERFLOW, "overflow", "its owner writes a byte behind a `kmalloc()` object, and frees it: has to be told", {&field_of}},
	{CALL_BAD_FREE, "bad_free", "`kfree()` of an address inside, or twice: has to be told, and free nothing more", {&field_of, &field_bad_free}},
	{0, NULL, NULL, {NULL}},
};
/* clang-format on */

const struct fuzz_grammar allocator_grammar = {.name = "allocator", .calls = calls};
