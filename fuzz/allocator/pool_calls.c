// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of pools: a reserve of elements (mempool), and blocks that a device reaches (DMA).
 */
#include "oracle.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/dma.h"
#include "../../allocator/kin/dma_pool.h"
#include "../../allocator/kin/mempool.h"
#include "../../allocator/slab/slab.h"

static struct {
	struct kf_mempool *pool; /* NULL: there is none */
	enum pool_kind kind;
	u32 size;
} pools[POOLS];

static struct {
	struct kf_dma_pool *pool;
	u32 size, live;
	u64 align;
} dma_pools[DMA_POOLS];

static const u64 masks[NR_REACHES] = {(1ull << 24) - 1, (1ull << 32) - 1, ~0ull};

static struct kf_dma_device device(enum dma_reach reach)
{
	return (struct kf_dma_device){.owner = &masks[reach],
				      .coherent_mask = masks[reach],
				      .driver = "fuzz",
				      .name = "fuzz"};
}

/* ---- mempool --------------------------------------------------------------------------------------------------------- */

static void *make_custom(u32 gfp, void *size)
{
	return kf_kmalloc((size_t)size, gfp);
}

static void free_custom(void *element, void *size)
{
	kf_kfree(element);
}

static void put_element(struct thing *t)
{
	void *element = pools[t->cache].kind == POOL_PAGES ? (void *)t->pages[0] : t->p;

	kf_mempool_free(element, pools[t->cache].pool);
}

static const struct family element_family = {.name = "mempool", .put = put_element};

/* False: it stays, because elements are out. */
static bool destroy_pool(unsigned i)
{
	if (pools[i].pool && pools[i].pool->out)
		return false;
	kf_mempool_destroy(pools[i].pool);
	pools[i].pool = NULL;
	return true;
}

static struct kf_mempool_source source_of(enum pool_kind kind, u32 size)
{
	if (kind == POOL_PAGES)
		return (struct kf_mempool_source){.kind = KF_MEMPOOL_PAGES,
						  .pool_data = (void *)(size_t)(size % 3)};
	if (kind == POOL_KMALLOC)
		return (struct kf_mempool_source){.kind = KF_MEMPOOL_KMALLOC,
						  .pool_data = (void *)(size_t)size};
	return (struct kf_mempool_source){.kind = KF_MEMPOOL_CUSTOM,
					  .alloc = make_custom,
					  .free = free_custom,
					  .pool_data = (void *)(size_t)size};
}

static u64 element_size(unsigned i)
{
	return pools[i].kind == POOL_PAGES ? KF_PAGE_SIZE << pools[i].size % 3 : pools[i].size;
}

void do_mempool_create(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_new_pool, call);
	u32 size = 1 + fuzz_get(&field_element, call), min_nr = fuzz_get(&field_min_nr, call);
	enum pool_kind kind = (enum pool_kind)fuzz_get(&field_pool_kind, call);
	struct kf_mempool_source source = source_of(kind, size);

	if (!destroy_pool(i))
		return;
	told.died = told.born = 0;
	pools[i].kind = kind;
	pools[i].size = size;
	pools[i].pool = kf_mempool_create((int)min_nr, &source, KF_GFP_KERNEL);
	if (!result_is_right(pools[i].pool, element_size(i) * (min_nr + 1), KF_GFP_KERNEL, false,
			     true)) {
		sound(told.born == told.died, "a pool that could not be made left something");
		return;
	}
	sound(!told.refusals, "a pool was made although a request was refused");
	sound(pools[i].pool->curr_nr == (s32)min_nr, "a new pool has another reserve");
}

void do_mempool_resize(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_pool, call);
	int n = 1 + (int)(fuzz_get(&field_size, call) % BULK_MAX), error;
	s32 before;

	if (!pools[i].pool)
		return;
	before = pools[i].pool->min_nr;
	error = kf_mempool_resize(pools[i].pool, n);
	sound(!error || told.refusals || things_bytes > 1 << 20,
	      "a pool cannot be resized although there is memory");
	sound(pools[i].pool->min_nr == (error ? before : n), "a resized pool has another size");
	sound(pools[i].pool->curr_nr <= pools[i].pool->min_nr, "a pool keeps more than it should");
}

/* Who may wait gets one; who may not, gets one while the reserve has any. */
static void check_element(unsigned i, bool got, s32 reserve, u32 gfp)
{
	sound(got || !reserve, "nothing came although the reserve has elements");
	sound(got || !(gfp & KF_GFP_DIRECT_RECLAIM), "who may wait got nothing");
	sound(got || told.refusals || things_bytes + element_size(i) > 1 << 20,
	      "a pool gave nothing although there is memory");
}

void do_mempool_alloc(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_pool, call);
	u32 handle = fuzz_get(&field_to, call),
	    gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
		  ~(u32)(KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_HIGHMEM | KF_GFP_MOVABLE | KF_GFP_COMP |
			 KF_GFP_ZERO | KF_GFP_NOFAIL);
	struct thing t = {.family = &element_family, .gfp = gfp, .cache = i};
	void *element;
	s32 reserve;

	things_free(handle);
	if (!pools[i].pool)
		return;
	reserve = pools[i].pool->curr_nr;
	t.size = element_size(i);
	element = kf_mempool_alloc(pools[i].pool, gfp);
	check_element(i, element, reserve, gfp);
	if (!element || oracle_over)
		return;
	t.pages[0] = element;
	t.p = pools[i].kind == POOL_PAGES ? kf_page_address(element) : element;
	things_add(handle, &t);
}

void do_mempool_destroy(const uint8_t *call)
{
	destroy_pool(fuzz_get(&field_pool, call));
}

/* ---- DMA ------------------------------------------------------------------------------------------------------------------- */

static void put_block(struct thing *t)
{
	dma_pools[t->cache].live--;
	kf_dma_pool_free(dma_pools[t->cache].pool, t->p, kf_virt_to_phys(t->p));
}

static void put_coherent(struct thing *t)
{
	struct kf_dma_device dev = device((enum dma_reach)t->cache);

	kf_dma_free_coherent(&dev, t->size, t->p, kf_virt_to_phys(t->p));
}

static const struct family block_family = {.name = "dma_pool", .put = put_block};
static const struct family coherent_family = {.name = "dma_coherent", .put = put_coherent};

static bool destroy_dma_pool(unsigned i)
{
	if (dma_pools[i].live)
		return false;
	kf_dma_pool_destroy(dma_pools[i].pool);
	dma_pools[i].pool = NULL;
	return true;
}

void do_dma_pool_create(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_new_dma, call);
	struct kf_dma_device dev = device(REACH_64);
	u32 size = fuzz_get(&field_element, call);
	u64 align = 1ull << fuzz_get(&field_dma_align, call);

	if (!destroy_dma_pool(i))
		return;
	told.died = told.born = 0;
	dma_pools[i].size = size;
	dma_pools[i].align = align;
	dma_pools[i].pool = kf_dma_pool_create("fuzz", &dev, size, align, 0);
	result_is_right(dma_pools[i].pool, size, KF_GFP_KERNEL, !size, false);
	sound(size || !dma_pools[i].pool, "a DMA pool of empty blocks was made");
}

void do_dma_pool_alloc(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_dma, call);
	u32 handle = fuzz_get(&field_to, call),
	    gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
		  ~(u32)(KF_GFP_HIGHMEM | KF_GFP_MOVABLE | KF_GFP_DMA | KF_GFP_DMA32);
	struct thing t = {
		.family = &block_family, .size = dma_pools[i].size, .gfp = gfp, .cache = i};
	u64 address = 0;

	things_free(handle);
	if (!dma_pools[i].pool)
		return;
	t.p = kf_dma_pool_alloc(dma_pools[i].pool, gfp, &address);
	if (!t.p) {
		sound(!address, "a failed dma_pool_alloc gave an address");
		sound(told.refusals || things_bytes + t.size > 1 << 20 || t.size > 8192,
		      "a DMA pool gave nothing although there is memory");
		return;
	}
	sound(address == kf_virt_to_phys(t.p), "a block has another address for the device");
	sound(!((uintptr_t)t.p & (dma_pools[i].align - 1)) || dma_pools[i].align > KF_PAGE_SIZE,
	      "a block is not aligned");
	dma_pools[i].live++;
	things_add(handle, &t);
}

void do_dma_pool_destroy(const uint8_t *call)
{
	destroy_dma_pool(fuzz_get(&field_dma, call));
}

void do_dma_alloc_coherent(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call), reach = fuzz_get(&field_reach, call);
	struct kf_dma_device dev = device((enum dma_reach)reach);
	struct thing t = {.family = &coherent_family,
			  .size = fuzz_get(&field_size, call),
			  .gfp = (fuzz_gfp(fuzz_get(&field_gfp, call)) & ~(u32)KF_GFP_COMP) |
				 KF_GFP_ZERO,
			  .cache = reach};
	u64 address = 0;

	things_free(handle);
	t.p = kf_dma_alloc_coherent(&dev, t.size, &address, t.gfp);
	if (!t.p) {
		sound(!address, "a failed dma_alloc_coherent gave an address");
		sound(told.refusals || !t.size || things_bytes + t.size > 128 << 10,
		      "coherent memory cannot be had although there is some");
		return;
	}
	sound(address == kf_virt_to_phys(t.p), "a block has another address for the device");
	sound(address + t.size - 1 <= masks[reach], "the device does not reach its memory");
	things_add(handle, &t);
}

void pools_end(void)
{
	for (unsigned i = 0; i < POOLS; i++)
		sound(destroy_pool(i), "a pool says that elements are out, and there are none");
	for (unsigned i = 0; i < DMA_POOLS; i++)
		destroy_dma_pool(i);
}

void pools_forget(void)
{
	memset(pools, 0, sizeof(pools));
	memset(dma_pools, 0, sizeof(dma_pools));
}
