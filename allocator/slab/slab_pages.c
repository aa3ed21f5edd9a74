// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a slab: pages are taken, cut into objects by the cache's kind, and given back. Follows
 * allocate_slab(), __free_slab() and free_slab() of mm/slub.c 6.1.
 *
 * A slab has its objects in pages and everything else apart: the header in a pool of headers, the
 * records of its objects in one piece of bookkeeping memory. Headers are recycled among their own kind
 * only, so that a stale pointer never reads something else.
 *
 * Pages of the usual order are tried first, in a way that costs nobody anything; then of the smallest order
 * that holds an object, as the caller asked. The pages of a SLAB_TYPESAFE_BY_RCU cache are given back after a
 * grace period: until then readers may look at its free objects.
 */
#include <string.h>

#include "../core/gfp.h"
#include "../core/state.h"

static struct kf_slab *new_header(void)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_slab *slab = NULL;

	kf_lock(&st->lock);
	if (!kf_list_empty(&st->spare_slabs)) {
		slab = kf_container(st->spare_slabs.next, struct kf_slab, link);
		kf_list_del(&slab->link);
	}
	kf_unlock(&st->lock);
	return slab ? slab : kf_meta_alloc(sizeof(*slab));
}

static void drop_header(struct kf_slab *slab)
{
	struct kf_slab_state *st = &kf_state()->slab;

	kf_lock(&slab->lock);
	slab->cache = NULL;
	slab->where = KF_SLAB_NOWHERE;
	kf_unlock(&slab->lock);
	kf_lock(&st->lock);
	kf_list_add(&slab->link, &st->spare_slabs);
	kf_unlock(&st->lock);
}

/* What a request says about its pages goes for an object, not for the slab it lies in: zone and migrate type are the
 * cache's. (new_slab() keeps GFP_RECLAIM_MASK only.) */
#define CALLERS_PLACE                                                                      \
	((u32)(KF_GFP_ZERO | KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_HIGHMEM | KF_GFP_MOVABLE | \
	       KF_GFP_RECLAIMABLE))

/* Pages of the usual order, or of the smallest that holds an object. */
static struct page *slab_pages(struct kf_cache *cache, u32 gfp, unsigned *order)
{
	u32 polite;
	struct page *page;

	gfp = (gfp & ~CALLERS_PLACE) | cache->gfp | KF_GFP_COMP;
	polite = (gfp | KF_GFP_NOWARN | KF_GFP_NORETRY) & ~(u32)KF_GFP_NOFAIL;
	if (cache->order > cache->min_order && gfp & KF_GFP_DIRECT_RECLAIM)
		polite = (polite | KF_GFP_NOMEMALLOC) & ~(u32)KF_GFP_RECLAIM;
	*order = cache->order;
	page = kf_pages_take(polite, *order, KF_SLAB);
	if (page)
		return page;
	*order = cache->min_order;
	page = kf_pages_take(gfp, *order, KF_SLAB);
	if (page)
		kf_count(cache, KF_ORDER_FALLBACK);
	return page;
}

static u32 object_order(const struct kf_cache *cache)
{
	return kf_order_of(cache->object_size);
}

/* slab_out_of_memory() */
static void tell_shortage(const struct kf_cache *cache, u32 gfp)
{
	char text[GFP_TEXT_MAX];
	struct kf_cache_stat stat;

	if (gfp & KF_GFP_NOWARN || !kf_logging())
		return;
	kf_cache_stat(cache, &stat);
	kf_log(4, "SLUB: Unable to allocate memory on node %d, gfp=%#x(%s)", -1, gfp,
	       gfp_to_text(gfp, text, sizeof(text)));
	kf_log(4, "  cache: %s, object size: %u, buffer size: %u, default order: %u, min order: %u",
	       cache->name, cache->object_size, cache->stride, cache->order, cache->min_order);
	if (cache->kind == KF_SLAB_DEBUG && cache->min_order > object_order(cache))
		kf_log(4, "  %s debugging increased min order, use slub_debug=O to disable.",
		       cache->name);
	kf_log(4, "  node %d: slabs: %llu, objs: %llu, free: %llu", 0,
	       (unsigned long long)stat.slabs, (unsigned long long)stat.objects,
	       (unsigned long long)(stat.partial ? stat.objects - stat.active : 0));
}

/* Who frees a neighbour looks at it, under a lock that is not ours. */
static void set_state(u64 pfn, enum kf_frame_state state)
{
	__atomic_store_n(&kf_here.frames[pfn].state, (u8)state, __ATOMIC_RELAXED);
}

static void own_pages(struct kf_slab *slab, struct page *page)
{
	u64 pfn = kf_page_to_pfn(page);

	page->flags |= 1ull << kf_layout()->pg_slab;
	page->slab_cache = slab->cache;
	for (u64 i = 0; i < 1ull << slab->order; i++) {
		set_state(pfn + i, KF_FRAME_SLAB);
		kf_here.frames[pfn + i].flags = 0;
		kf_here.frames[pfn + i].slab = slab;
	}
}

static void disown_pages(const struct kf_slab *slab)
{
	u64 pfn = kf_virt_to_phys(slab->base) >> KF_PAGE_SHIFT;

	kf_pfn_to_page(pfn)->flags &= ~(1ull << kf_layout()->pg_slab);
	for (u64 i = 0; i < 1ull << slab->order; i++) {
		set_state(pfn + i, i ? KF_FRAME_INNER : KF_FRAME_BLOCK);
		kf_here.frames[pfn + i].seq = 0;
	}
	kf_free_pages_internal(kf_pfn_to_page(pfn), slab->order);
}

void kf_slab_construct(const struct kf_cache *cache, void *object)
{
	if (!cache->ctor)
		return;
	kf_tell_bytes(object, cache->object_size, KF_BYTES_NEW);
	kf_hooks.construct(cache->ctor, object);
	kf_unwatch_object(cache, object);
}

struct kf_slab *kf_slab_new(struct kf_cache *cache, u32 gfp)
{
	struct kf_slab *slab = new_header();
	struct page *page;
	unsigned order;

	if (!slab)
		return NULL;
	page = slab_pages(cache, gfp, &order);
	if (!page) {
		drop_header(slab);
		tell_shortage(cache, gfp);
		return NULL;
	}
	kf_lock(&slab->lock); /* a thread may still look at what this header was before */
	slab->order = (u8)order;
	slab->kind = cache->kind;
	slab->objects =
		(u16)(order == cache->order ? cache->objects : kf_slab_capacity(cache, order));
	slab->inuse = 0;
	slab->lost = 0;
	slab->allocs = slab->frees = 0;
	slab->base = kf_page_address(page);
	slab->cache = cache;
	kf_unlock(&slab->lock);
	own_pages(slab, page);
	kf_watch_new_slab(slab);
	if (!kf_ops(cache)->start(slab)) {
		disown_pages(slab);
		drop_header(slab);
		return NULL;
	}
	kf_lock(&cache->lock);
	kf_list_add_tail(&slab->all, &cache->slabs);
	cache->nr_slabs++;
	kf_unlock(&cache->lock);
	kf_count(cache, KF_ALLOC_SLAB);
	return slab;
}

static void free_memory(struct kf_slab *slab)
{
	kf_slab_ops[slab->kind]->stop(slab);
	disown_pages(slab);
	drop_header(slab);
}

void kf_slab_after_grace_period(void *head)
{
	struct kf_slab *slab = kf_container((struct kf_list *)head, struct kf_slab, link);

	if (slab->kind == KF_SLAB_FENCED)
		kf_fenced_after_grace_period(slab);
	else
		free_memory(slab);
}

void kf_slab_discard(struct kf_slab *slab)
{
	struct kf_cache *cache = slab->cache;

	/* Whoever gave back the last object may not be through with the slab. */
	kf_lock(&slab->lock);
	kf_unlock(&slab->lock);
	kf_ops_of(slab)->check(slab, NULL);
	kf_lock(&cache->lock);
	kf_list_del(&slab->all);
	cache->nr_slabs--;
	cache->past_allocs += slab->allocs;
	cache->past_frees += slab->frees;
	kf_unlock(&cache->lock);
	kf_count(cache, KF_FREE_SLAB);
	if (cache->flags & KF_SLAB_TYPESAFE_BY_RCU)
		kf_hooks.defer(kf_slab_after_grace_period, &slab->link);
	else
		free_memory(slab);
}
