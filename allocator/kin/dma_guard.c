// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of DMA pools as objects. Each pool has a cache that nobody else sees (slab/cache.c), so
 * that a block is guarded, found by its address, and judged as any object of a slab: kf_object_at()
 * knows it, instrumented code and valgrind know its end, and what is left over is left over with
 * its stack.
 *
 *	pool ----- struct kf_dma_guard ----- cache: | guard | block | guard | block | ...
 *	  \___ own blocks that are out: a list, any of which goes back when a block does
 *
 * A block is no request: the pool has made those, for the pages that the kernel would want at the
 * same call. Blocks of a page at most lie at multiples of the power of two at or above their size,
 * so that they cross no boundary that the pool may have.
 *
 * Lock: the state's dma.lock for the list of pools and of their blocks; the cache is used without
 * it.
 */
#include "dma_guard.h"

#include <stdio.h>
#include <string.h>

#include "../core/state.h"

enum { POISON_ALLOCATED = 0xa9 }; /* POOL_POISON_ALLOCATED */

/* A block of the pool's own, while one of ours stands for it. */
struct kf_dma_out {
	struct kf_dma_out *next;
	struct kf_dma_backing own;
};

struct kf_dma_guard {
	struct kf_dma_guard *next;
	const void *pool;
	struct kf_cache *cache;
	struct kf_dma_device dev;
	u64 offset; /* of bus addresses to physical ones */
	struct kf_dma_out *out;
	char name[32];
};

/* ---- pools ----------------------------------------------------------------------------------- */

static struct kf_dma_guard *find(const void *pool)
{
	struct kf_dma_guard *g = kf_state()->dma.guards;

	while (g && g->pool != pool)
		g = g->next;
	return g;
}

bool kf_dma_guarded(const void *pool)
{
	bool known;

	kf_lock(&kf_state()->dma.lock);
	known = find(pool);
	kf_unlock(&kf_state()->dma.lock);
	return known;
}

static struct kf_dma_guard *find_locked(const void *pool)
{
	struct kf_dma_guard *g;

	kf_lock(&kf_state()->dma.lock);
	g = find(pool);
	kf_unlock(&kf_state()->dma.lock);
	return g;
}

/* The power of two at or above a size. */
static size_t power_of_two(size_t size)
{
	size_t power = 8;

	while (power < size)
		power *= 2;
	return power;
}

/* What dma_pool_create() makes of the size: so many bytes are the driver's, and are cleared. */
static size_t block_size(const struct kf_dma_guard_request *req)
{
	return kf_align_up(req->size < 4 ? 4 : req->size, req->align ? req->align : 1);
}

/* SLAB_CACHE_* for what is surely within reach. */
static u32 zone_flags(u64 mask)
{
	if (mask <= (1ull << 24) - 1)
		return KF_SLAB_CACHE_DMA;
	return mask <= 0xffffffffull ? KF_SLAB_CACHE_DMA32 : 0;
}

static struct kf_cache *make_cache(const struct kf_dma_guard_request *req)
{
	size_t size = block_size(req);
	size_t align = size <= KF_PAGE_SIZE ? power_of_two(size) : req->align;
	struct kf_cache_request cache = {.size = size,
					 .align = align > req->align ? align : req->align,
					 .flags = zone_flags(req->dev.coherent_mask)};
	char name[48];
	struct kf_cache *made;
	int err;

	if (cache.align > KF_PAGE_SIZE || (size > KF_PAGE_SIZE && req->boundary))
		return NULL;
	snprintf(name, sizeof(name), "dma_pool %s", req->name);
	cache.name = name;
	made = kf_cache_make(&cache, &err);
	if (made)
		made->pool = true;
	return made;
}

void kf_dma_guard_open(const struct kf_dma_guard_request *req)
{
	struct kf_dma_guard *g;

	if (!kf_settings()->guard)
		return;
	g = kf_meta_alloc(sizeof(*g));
	if (!g)
		return;
	g->cache = make_cache(req);
	if (!g->cache) {
		kf_meta_free(g, sizeof(*g));
		return;
	}
	g->pool = req->pool;
	g->dev = req->dev;
	snprintf(g->name, sizeof(g->name), "%s", req->name);
	kf_lock(&kf_state()->dma.lock);
	g->next = kf_state()->dma.guards;
	kf_state()->dma.guards = g;
	kf_unlock(&kf_state()->dma.lock);
}

static struct kf_dma_guard *unlink_guard(const void *pool)
{
	struct kf_dma_guard **link = &kf_state()->dma.guards, *g;

	kf_lock(&kf_state()->dma.lock);
	while (*link && (*link)->pool != pool)
		link = &(*link)->next;
	g = *link;
	if (g)
		*link = g->next;
	kf_unlock(&kf_state()->dma.lock);
	return g;
}

static void keep_oldest(const struct kf_object *obj, const struct kf_track *tracks, void *arg)
{
	struct kf_object *oldest = arg;

	if (obj->live && (!oldest->addr || obj->seq < oldest->seq))
		*oldest = *obj;
}

static void tell_busy(const struct kf_dma_guard *g)
{
	struct kf_object oldest = {.addr = NULL};

	kf_cache_for_each_object(g->cache, keep_oldest, &oldest);
	kf_tell(KF_BUG_POOL_BUSY, g->pool, oldest.addr ? &oldest : NULL, NULL,
		"dma_pool_destroy() while blocks of the pool are not freed");
}

bool kf_dma_guard_close(const void *pool)
{
	struct kf_dma_guard *g = unlink_guard(pool);
	struct kf_dma_out *out;
	bool busy;

	if (!g)
		return false;
	busy = !kf_cache_unmake(g->cache);
	if (busy)
		tell_busy(g);
	while ((out = g->out)) {
		g->out = out->next;
		kf_meta_free(out, sizeof(*out));
	}
	kf_meta_free(g, sizeof(*g));
	return busy;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void note_out(struct kf_dma_guard *g, struct kf_dma_out *out,
		     const struct kf_dma_backing *own)
{
	out->own = *own;
	kf_lock(&kf_state()->dma.lock);
	g->offset = own->handle - kf_virt_to_phys(own->addr);
	out->next = g->out;
	g->out = out;
	kf_unlock(&kf_state()->dma.lock);
}

static void take_out(struct kf_dma_guard *g, struct kf_dma_backing *own)
{
	struct kf_dma_out *out;

	kf_lock(&kf_state()->dma.lock);
	out = g->out;
	g->out = out->next;
	kf_unlock(&kf_state()->dma.lock);
	*own = out->own;
	kf_meta_free(out, sizeof(*out));
}

void *kf_dma_guard_alloc(const void *pool, u32 gfp, const struct kf_dma_backing *own, u64 *handle)
{
	struct kf_dma_guard *g = find_locked(pool);
	struct kf_dma_out *out = kf_meta_alloc(sizeof(*out));
	struct kf_cache *cache = g->cache;
	void *block = out ? kf_ops(cache)->alloc(cache, gfp, cache->object_size) : NULL;

	if (!block) {
		if (out)
			kf_meta_free(out, sizeof(*out));
		return NULL;
	}
	if (!(gfp & KF_GFP_ZERO)) {
		kf_tell_bytes(block, cache->object_size, KF_BYTES_KNOWN);
		memset(block, POISON_ALLOCATED, cache->object_size);
		kf_tell_bytes(block, cache->object_size, KF_BYTES_NEW);
	}
	note_out(g, out, own);
	*handle = kf_virt_to_phys(block) + g->offset;
	return block;
}

#define complain(g, format, ...)                                                         \
	kf_log(KF_LOG_ERR, "%s %s: " format, (g)->dev.driver ? (g)->dev.driver : "NULL", \
	       (g)->dev.name ? (g)->dev.name : "NULL", __VA_ARGS__)

/* Is it the start of a live block, with its bus address? Else told. */
static bool check_free(const struct kf_dma_guard *g, void *addr, u64 handle)
{
	unsigned long long dma = handle;
	struct kf_object obj;
	void *there = kf_phys_to_virt(handle - g->offset);

	if (!kf_object_at(there, &obj) || obj.cache != g->cache) {
		complain(g, "dma_pool_free %s, %p/0x%016llx (bad dma)", g->name, addr, dma);
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL,
			"dma_pool_free() of a bus address that is not of this pool");
	} else if (addr != there || addr != obj.addr) {
		complain(g, "dma_pool_free %s, %p (bad vaddr)/0x%016llx", g->name, addr, dma);
		kf_tell(KF_BUG_INVALID_FREE, addr, &obj, NULL,
			"dma_pool_free() of an address that does not belong to its bus address");
	} else if (!obj.live) {
		complain(g, "dma_pool_free %s, dma 0x%016llx already free", g->name, dma);
		kf_tell(KF_BUG_DOUBLE_FREE, addr, &obj, NULL,
			"dma_pool_free() of a block that is free already");
	} else {
		return true;
	}
	return false;
}

bool kf_dma_guard_free(const void *pool, void *addr, u64 handle, struct kf_dma_backing *own)
{
	struct kf_dma_guard *g = find_locked(pool);
	struct kf_slab *slab;

	if (!check_free(g, addr, handle))
		return false;
	slab = kf_slab_at(addr);
	kf_ops_of(slab)->free(slab, addr);
	take_out(g, own);
	return true;
}
