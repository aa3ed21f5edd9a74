// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches and their slabs: geometry, creation, destruction, and the walkers. Follows kmem_cache_create()
 * of mm/slab_common.c and calculate_order() of mm/slub.c 6.1, without merging of caches.
 *
 * A slab has its objects in pages and everything else apart: the header in a pool of headers, the
 * records of its objects in one piece of bookkeeping memory. Headers and cache structs are recycled
 * among their own kind only, so that a stale pointer never reads something else.
 *
 * Equations, checked by kf_slab_validate():
 *	inuse + length of queue + (objects - fresh) == objects
 *	number of live records == inuse
 *	a FULL slab has neither untouched nor queued objects; PARTIAL slabs are on the list, nr_partial of them
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

#define MAX_OBJECTS 32767u
#define USUAL_ORDER 3u

const struct kf_slab_ops *const kf_slab_ops[KF_NR_SLAB_KINDS] = {
	[KF_SLAB_GUARDED] = &kf_slab_guarded,
};

int kf_caches_init(void)
{
	struct kf_slab_state *st = &kf_state()->slab;

	kf_list_init(&st->caches);
	kf_list_init(&st->dead_caches);
	kf_list_init(&st->spare_slabs);
	st->cache_by_id = kf_meta_alloc(KF_MAX_CACHES * sizeof(*st->cache_by_id));
	st->cpu_slab =
		kf_meta_alloc((size_t)kf_layout()->nr_cpus * KF_MAX_CACHES * sizeof(*st->cpu_slab));
	return st->cache_by_id && st->cpu_slab ? 0 : -ENOMEM;
}

/* ---- geometry ----------------------------------------------------------------------------------------- */

/* Objects that fit into a slab of this order, each with its guards. */
static u32 capacity(const struct kf_cache *cache, unsigned order)
{
	u64 bytes = KF_PAGE_SIZE << order, one = cache->first + cache->object_size + cache->tail, n;

	if (bytes < one)
		return 0;
	n = (bytes - one) / cache->stride + 1;
	return n > MAX_OBJECTS ? MAX_OBJECTS : (u32)n;
}

static unsigned lowest_order(const struct kf_cache *cache, u32 objects)
{
	unsigned order = 0;

	while (order < KF_MAX_ORDER && capacity(cache, order) < objects)
		order++;
	return order;
}

/* Order of at most USUAL_ORDER with `objects` objects that wastes at most 1/fraction; or KF_MAX_ORDER. */
static unsigned frugal_order(const struct kf_cache *cache, u32 objects, unsigned fraction)
{
	for (unsigned order = lowest_order(cache, objects); order <= USUAL_ORDER; order++) {
		u64 bytes = KF_PAGE_SIZE << order;

		if (bytes - (u64)capacity(cache, order) * cache->stride <= bytes / fraction)
			return order;
	}
	return KF_MAX_ORDER;
}

static unsigned best_order(const struct kf_cache *cache)
{
	u32 wanted = 4 * (33 - (u32)__builtin_clz(kf_layout()->nr_cpus));
	u32 most = capacity(cache, USUAL_ORDER);

	for (wanted = wanted < most ? wanted : most; wanted > 1; wanted--)
		for (unsigned fraction = 16; fraction >= 4; fraction /= 2) {
			unsigned order = frugal_order(cache, wanted, fraction);

			if (order <= USUAL_ORDER)
				return order;
		}
	return lowest_order(cache, 1);
}

static u32 object_alignment(size_t size, size_t align, u32 flags)
{
	u32 line = 64;

	if (flags & KF_SLAB_HWCACHE_ALIGN) {
		while (size <= line / 2)
			line /= 2;
		align = align < line ? line : align;
	}
	return align < 8 ? 8 : (u32)align;
}

/* False: such objects cannot be had. */
static bool lay_out(struct kf_cache *cache)
{
	kf_ops(cache)->lay_out(cache);
	cache->inverse = (u32)((1ull << 32) / cache->stride + 1);
	cache->order = best_order(cache);
	cache->min_order = lowest_order(cache, 1);
	cache->objects = cache->order < KF_MAX_ORDER ? capacity(cache, cache->order) : 0;
	return cache->objects != 0;
}

static u32 kept_partials(u32 stride)
{
	u32 half = (31 - (u32)__builtin_clz(stride)) / 2;

	return half < 5 ? 5 : half > 10 ? 10 : half;
}

/* ---- slabs ------------------------------------------------------------------------------------------------ */

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

/* Pages of the usual order, or of the smallest that holds an object. */
static struct page *slab_pages(const struct kf_cache *cache, u32 gfp, unsigned *order)
{
	struct page *page;

	gfp = (gfp & ~(u32)(KF_GFP_ZERO | KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_HIGHMEM)) |
	      cache->gfp | KF_GFP_COMP;
	*order = cache->order;
	page = kf_pages_take(gfp, *order, KF_SLAB);
	if (page || cache->min_order == cache->order)
		return page;
	*order = cache->min_order;
	return kf_pages_take(gfp, *order, KF_SLAB);
}

static void own_pages(struct kf_slab *slab, struct page *page)
{
	u64 pfn = kf_page_to_pfn(page);

	page->flags |= 1ull << kf_layout()->pg_slab;
	page->slab_cache = slab->cache;
	for (u64 i = 0; i < 1ull << slab->order; i++) {
		kf_here.frames[pfn + i].state = KF_FRAME_SLAB;
		kf_here.frames[pfn + i].flags = 0;
		kf_here.frames[pfn + i].slab = slab;
	}
}

static void disown_pages(const struct kf_slab *slab)
{
	u64 pfn = kf_virt_to_phys(slab->base) >> KF_PAGE_SHIFT;

	kf_pfn_to_page(pfn)->flags &= ~(1ull << kf_layout()->pg_slab);
	for (u64 i = 0; i < 1ull << slab->order; i++) {
		kf_here.frames[pfn + i].state = i ? KF_FRAME_INNER : KF_FRAME_BLOCK;
		kf_here.frames[pfn + i].seq = 0;
	}
	kf_free_pages_internal(kf_pfn_to_page(pfn), slab->order);
}

void kf_slab_construct(const struct kf_cache *cache, void *object)
{
	if (cache->ctor)
		kf_hooks.construct(cache->ctor, object);
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
		return NULL;
	}
	slab->order = (u8)order;
	slab->objects = (u16)(order == cache->order ? cache->objects : capacity(cache, order));
	slab->inuse = 0;
	slab->allocs = slab->frees = 0;
	slab->base = kf_page_address(page);
	slab->cache = cache;
	own_pages(slab, page);
	if (!kf_ops(cache)->start(slab)) {
		disown_pages(slab);
		drop_header(slab);
		return NULL;
	}
	kf_lock(&cache->lock);
	kf_list_add_tail(&slab->all, &cache->slabs);
	cache->nr_slabs++;
	kf_unlock(&cache->lock);
	return slab;
}

void kf_slab_discard(struct kf_slab *slab)
{
	struct kf_cache *cache = slab->cache;

	kf_ops(cache)->check(slab, NULL);
	kf_lock(&cache->lock);
	kf_list_del(&slab->all);
	cache->nr_slabs--;
	cache->past_allocs += slab->allocs;
	cache->past_frees += slab->frees;
	kf_unlock(&cache->lock);
	disown_pages(slab);
	kf_ops(cache)->stop(slab);
	drop_header(slab);
}

/* ---- caches ----------------------------------------------------------------------------------------------- */

static struct kf_cache *new_cache_struct(void)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_cache *cache;
	u32 id;

	if (st->nr_caches >= KF_MAX_CACHES / 2 && !kf_list_empty(&st->dead_caches)) {
		cache = kf_container(st->dead_caches.next, struct kf_cache, link);
		kf_list_del(&cache->link);
		id = cache->id;
		memset(cache, 0, sizeof(*cache));
		cache->id = id;
		return cache;
	}
	if (st->nr_caches == KF_MAX_CACHES)
		return NULL;
	cache = kf_meta_alloc(sizeof(*cache));
	if (cache) {
		cache->id = st->nr_caches;
		st->cache_by_id[st->nr_caches++] = cache;
	}
	return cache;
}

static void drop_cache_struct(struct kf_cache *cache)
{
	cache->live = false;
	kf_list_add_tail(&cache->link, &kf_state()->slab.dead_caches);
}

static u32 zone_bits(u32 flags)
{
	return (flags & KF_SLAB_CACHE_DMA ? KF_GFP_DMA : 0) |
	       (flags & KF_SLAB_CACHE_DMA32 ? KF_GFP_DMA32 : 0) |
	       (flags & KF_SLAB_RECLAIM_ACCOUNT ? KF_GFP_RECLAIMABLE : 0);
}

static bool sane_cache(const char *name, size_t size, size_t align)
{
	return name && size && size <= KF_KMALLOC_MAX_SIZE && !(align & (align - 1)) &&
	       align <= KF_KMALLOC_MAX_SIZE;
}

static void tell_cache(struct kf_cache *cache)
{
	struct kf_object obj;

	cache->seq = kf_next_seq();
	kf_cache_object(cache, &obj);
	cache->alloc_tag = kf_hooks.allocated(&obj);
}

static struct kf_cache *make_cache(const char *name, size_t size, size_t align, u32 flags,
				   void (*ctor)(void *))
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_cache *cache;

	kf_lock(&st->lock);
	cache = new_cache_struct();
	if (!cache)
		goto out;
	cache->object_size = (u32)size;
	cache->align = object_alignment(size, align, flags);
	cache->flags = flags;
	cache->gfp = zone_bits(flags);
	cache->ctor = ctor;
	cache->kind = KF_SLAB_GUARDED;
	cache->poison = !ctor && !(flags & KF_SLAB_TYPESAFE_BY_RCU);
	strncpy(cache->name, name, sizeof(cache->name) - 1);
	kf_list_init(&cache->partial);
	kf_list_init(&cache->slabs);
	if (!lay_out(cache)) {
		drop_cache_struct(cache);
		cache = NULL;
		goto out;
	}
	cache->min_partial = kept_partials(cache->stride);
	cache->live = true;
	kf_list_add_tail(&cache->link, &st->caches);
out:
	kf_unlock(&st->lock);
	return cache;
}

struct kf_cache *kf_cache_create(const char *name, size_t size, size_t align, u32 flags,
				 void (*ctor)(void *))
{
	struct kf_request req = {.kind = KF_CACHE, .size = size, .gfp = KF_GFP_KERNEL};
	struct kf_cache *cache;

	if (!sane_cache(name, size, align) || !kf_permitted(&req))
		return NULL;
	cache = make_cache(name, size, align, flags, ctor);
	if (cache)
		tell_cache(cache);
	return cache;
}

static struct kf_slab *take_empty(struct kf_cache *cache)
{
	struct kf_slab *found = NULL;

	kf_lock(&cache->lock);
	for (struct kf_list *at = cache->partial.next; at != &cache->partial; at = at->next) {
		struct kf_slab *slab = kf_container(at, struct kf_slab, link);

		if (slab->inuse)
			continue;
		kf_list_del(&slab->link);
		cache->nr_partial--;
		slab->where = KF_SLAB_NOWHERE;
		found = slab;
		break;
	}
	kf_unlock(&cache->lock);
	return found;
}

static void discard_empty(struct kf_cache *cache)
{
	struct kf_slab *slab;

	kf_ops(cache)->flush(cache);
	while ((slab = take_empty(cache)))
		kf_slab_discard(slab);
}

int kf_cache_shrink(struct kf_cache *cache)
{
	/* Readers under RCU may still look at free objects of such a cache. */
	if (!(cache->flags & KF_SLAB_TYPESAFE_BY_RCU))
		discard_empty(cache);
	return cache->nr_slabs != 0;
}

void kf_cache_destroy(struct kf_cache *cache)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_object obj;

	if (!cache)
		return;
	if (!kf_cache_object(cache, &obj) || !cache->live) {
		kf_tell(KF_BUG_DOUBLE_FREE, cache, NULL, NULL, "destroyed a cache that is none");
		return;
	}
	discard_empty(cache);
	if (cache->nr_slabs) {
		kf_tell(KF_BUG_CACHE_NOT_EMPTY, cache, &obj, cache, "Slab cache still has objects");
		return;
	}
	cache->free_tag = kf_hooks.freed(&obj);
	kf_lock(&st->lock);
	kf_list_del(&cache->link);
	drop_cache_struct(cache);
	kf_unlock(&st->lock);
}

const char *kf_cache_name(const struct kf_cache *cache)
{
	return cache->name;
}

size_t kf_cache_object_size(const struct kf_cache *cache)
{
	return cache->object_size;
}

bool kf_cache_has_ctor(const struct kf_cache *cache)
{
	return cache->ctor != NULL;
}

bool kf_cache_object(const struct kf_cache *cache, struct kf_object *out)
{
	const struct kf_slab_state *st = &kf_state()->slab;
	u64 at = (u64)(uintptr_t)cache;

	if (at < kf_layout()->meta || at + sizeof(*cache) > kf_state()->meta.next || at % 64 ||
	    cache->id >= st->nr_caches || st->cache_by_id[cache->id] != cache)
		return false;
	*out = (struct kf_object){
		.kind = KF_CACHE,
		.live = cache->live,
		.addr = (void *)cache,
		.size = cache->object_size,
		.usable = cache->object_size,
		.gfp = KF_GFP_KERNEL,
		.cache = cache,
		.seq = cache->seq,
		.alloc_tag = cache->alloc_tag,
		.free_tag = cache->live ? 0 : cache->free_tag,
	};
	return true;
}

void kf_cache_for_each(void (*fn)(struct kf_cache *cache, void *arg), void *arg)
{
	struct kf_list *head = &kf_state()->slab.caches, *next;

	for (struct kf_list *at = head->next; at != head; at = next) {
		next = at->next;
		fn(kf_container(at, struct kf_cache, link), arg);
	}
}

/* ---- walkers ------------------------------------------------------------------------------------------------- */

void kf_cache_stat(const struct kf_cache *cache, struct kf_cache_stat *out)
{
	*out = (struct kf_cache_stat){
		.object_size = cache->object_size,
		.slot_size = cache->stride,
		.align = cache->align,
		.order = cache->order,
		.objects_per_slab = cache->objects,
		.slabs = cache->nr_slabs,
		.allocs = cache->past_allocs,
		.frees = cache->past_frees,
	};
	kf_for_each_slab(slab, cache)
	{
		out->objects += slab->objects;
		out->active += slab->inuse;
		out->allocs += slab->allocs;
		out->frees += slab->frees;
	}
}

static void check_cache(struct kf_cache *cache, void *arg)
{
	unsigned *damaged = arg;

	kf_for_each_slab(slab, cache) *damaged += kf_ops(cache)->check(slab, NULL);
}

unsigned kf_slab_check(void)
{
	unsigned damaged = 0;

	kf_cache_for_each(check_cache, &damaged);
	return damaged;
}

static const char *validate_slab(const struct kf_slab *slab, const struct kf_cache *cache)
{
	if (slab->cache != cache)
		return "a slab belongs to another cache";
	if (slab->where == KF_SLAB_NOWHERE ||
	    (slab->where == KF_SLAB_FULL && slab->inuse != slab->objects))
		return "a slab is in the wrong place";
	return kf_ops(cache)->validate(slab);
}

static void validate_cache(struct kf_cache *cache, void *arg)
{
	const char **wrong = arg;
	u64 slabs = 0, partial = 0;

	kf_for_each_slab(slab, cache)
	{
		if (!*wrong)
			*wrong = validate_slab(slab, cache);
		slabs++;
		partial += slab->where == KF_SLAB_PARTIAL;
	}
	if (!*wrong && (slabs != cache->nr_slabs || partial != cache->nr_partial))
		*wrong = "a cache's count of slabs is wrong";
}

const char *kf_slab_validate(void)
{
	const char *wrong = NULL;

	kf_cache_for_each(validate_cache, &wrong);
	return wrong;
}
