// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the slab allocator: caches of one's own.
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>
#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"

#define CTOR_WORD 0x600df00du

static struct {
	struct kf_cache *cache; /* NULL: there is none */
	enum cache_kind kind;
	u32 size;
	unsigned live;
} caches[CACHES];

static void construct(void *object)
{
	*(u32 *)object = CTOR_WORD;
}

static const u32 cache_flags[NR_CACHE_KINDS] = {
	[CACHE_HWCACHE] = KF_SLAB_HWCACHE_ALIGN,   [CACHE_RCU] = KF_SLAB_TYPESAFE_BY_RCU,
	[CACHE_RECLAIM] = KF_SLAB_RECLAIM_ACCOUNT, [CACHE_DMA] = KF_SLAB_CACHE_DMA,
	[CACHE_ACCOUNT] = KF_SLAB_ACCOUNT,
};

/* Constructed objects are given back as they were constructed. */
static void put_cached(struct thing *t)
{
	caches[t->cache].live--;
	if (caches[t->cache].kind == CACHE_CTOR)
		construct(t->p);
	kf_cache_free(caches[t->cache].cache, t->p);
}

static const struct family cache_family = {.name = "cache", .put = put_cached, .dies = true};

/* False: it has live objects and stays, which has to be told. */
static bool destroy(unsigned i)
{
	bool busy = caches[i].live;

	if (!caches[i].cache)
		return true;
	if (busy)
		oracle_expect(BUG(KF_BUG_CACHE_NOT_EMPTY));
	kf_cache_destroy(caches[i].cache);
	sound(told.bugs == busy, "a cache with live objects was destroyed, and nothing is told");
	sound(!oracle_hooks || told.died == !busy,
	      "the hooks were told wrong of the end of a cache");
	if (!busy)
		caches[i].cache = NULL;
	return !busy;
}

void do_cache_create(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_new_cache, call);
	enum cache_kind kind = (enum cache_kind)fuzz_get(&field_cache_kind, call);
	u32 size = fuzz_get(&field_element, call);
	char name[24];

	if (!destroy(i))
		return;
	told.died = 0;
	if (kind == CACHE_CTOR && size < sizeof(u32))
		size = sizeof(u32);
	snprintf(name, sizeof(name), "fuzz%u", i);
	caches[i].cache = kf_cache_create(name, size, kind == CACHE_ALIGNED ? 256 : 0,
					  cache_flags[kind], kind == CACHE_CTOR ? construct : NULL);
	caches[i].kind = kind;
	caches[i].size = size;
	result_is_right(caches[i].cache, 0, KF_GFP_KERNEL, size < sizeof(void *), false);
}

void do_cache_destroy(const uint8_t *call)
{
	destroy(fuzz_get(&field_cache, call));
}

void do_cache_shrink(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_cache, call);

	if (caches[i].cache)
		kf_cache_shrink(caches[i].cache);
}

void caches_end(void)
{
	for (unsigned i = 0; i < CACHES; i++) {
		told = (struct told){0};
		destroy(i);
	}
}

/* Slabs take their zone from the cache, and what is constructed must not be zeroed. */
static u32 cache_gfp(const uint8_t *call, unsigned cache)
{
	u32 gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
		  ~(u32)(KF_GFP_HIGHMEM | KF_GFP_DMA32 | KF_GFP_DMA | KF_GFP_MOVABLE | KF_GFP_COMP);

	return caches[cache].kind == CACHE_CTOR ? gfp & ~(u32)KF_GFP_ZERO : gfp;
}

/* Memory of a cache may lie in zone DMA, which is small. */
static u32 effective_gfp(unsigned cache, u32 gfp)
{
	return caches[cache].kind == CACHE_DMA ? gfp | KF_GFP_DMA : gfp;
}

static void add_object(u32 handle, unsigned cache, void *object, u32 gfp)
{
	struct thing t = {.family = &cache_family,
			  .p = object,
			  .size = caches[cache].size,
			  .gfp = gfp,
			  .cache = cache};
	u64 align = caches[cache].kind == CACHE_ALIGNED ? 256 : 8;

	things_free(handle);
	caches[cache].live++;
	sound(!((uintptr_t)object & (align - 1)), "an object is not aligned");
	if (caches[cache].kind == CACHE_CTOR)
		sound(*(u32 *)object == CTOR_WORD, "an object is not as constructed");
	things_add(handle, &t);
}

void do_cache_alloc(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_cache, call);
	u32 handle = fuzz_get(&field_to, call), gfp = cache_gfp(call, i);
	void *object;

	things_free(handle);
	if (!caches[i].cache)
		return;
	object = kf_cache_alloc(caches[i].cache, gfp);
	if (result_is_right(object, caches[i].size * 8ull, effective_gfp(i, gfp), false, false))
		add_object(handle, i, object, gfp);
}

void do_cache_alloc_bulk(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_cache, call);
	u32 handle = fuzz_get(&field_to, call), gfp = cache_gfp(call, i),
	    n = fuzz_get(&field_size, call) % (BULK_MAX + 1);
	void *objects[BULK_MAX];
	size_t got;

	if (!caches[i].cache || !n)
		return;
	got = kf_cache_alloc_bulk(caches[i].cache, gfp, n, objects);
	if (!sound(!got || got == n, "bulk allocation gave some") || oracle_over)
		return;
	if (!result_is_right(got, caches[i].size * 8ull * n, effective_gfp(i, gfp), false, false))
		return;
	sound(!oracle_hooks || told.born - told.died == n, "bulk allocation told of more or fewer");
	for (unsigned k = 0; k < n; k++)
		add_object(handle + k, i, objects[k], gfp);
}

void do_cache_free_bulk(const uint8_t *call)
{
	unsigned i = fuzz_get(&field_cache, call), n = 0;
	u32 from = fuzz_get(&field_of, call), count = fuzz_get(&field_size, call) % (BULK_MAX + 1);
	void *objects[BULK_MAX];

	for (u32 k = 0; k < count; k++) {
		struct thing *t = thing_at(from + k);

		if (!t || t->family != &cache_family || t->cache != i)
			continue;
		objects[n] = things_take(from + k).p;
		if (caches[i].kind == CACHE_CTOR)
			construct(objects[n]);
		n++;
	}
	if (!n)
		return;
	caches[i].live -= n;
	kf_cache_free_bulk(caches[i].cache, n, objects);
	sound(!oracle_hooks || told.died == n, "kmem_cache_free_bulk did not free all");
}

void slab_forget(void)
{
	memset(caches, 0, sizeof(caches));
}
