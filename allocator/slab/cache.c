// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches: creation and destruction. Follows kmem_cache_create_usercopy(), kmem_cache_destroy() and
 * kmem_cache_shrink() of mm/slab_common.c and __kmem_cache_create() of mm/slub.c 6.1.
 *
 * kf_cache_make() makes a cache and asks nobody; kf_cache_create_usercopy() is what a driver calls: it checks,
 * looks for a cache to share (merge.c), asks the hooks, makes, and tells. Cache structs are recycled among
 * themselves only, oldest first, so that a stale pointer to a cache is known for what it is.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

/* SLAB_FLAGS_PERMITTED of mm/slab.h */
#define PERMITTED                                                                               \
	(KF_SLAB_HWCACHE_ALIGN | KF_SLAB_CACHE_DMA | KF_SLAB_CACHE_DMA32 | KF_SLAB_PANIC |      \
	 KF_SLAB_TYPESAFE_BY_RCU | KF_SLAB_DEBUG_OBJECTS | KF_SLAB_RED_ZONE | KF_SLAB_POISON |  \
	 KF_SLAB_STORE_USER | KF_SLAB_TRACE | KF_SLAB_CONSISTENCY_CHECKS | KF_SLAB_MEM_SPREAD | \
	 KF_SLAB_NOLEAKTRACE | KF_SLAB_RECLAIM_ACCOUNT | KF_SLAB_ACCOUNT | KF_SLAB_NO_USER_FLAGS)
/* Those that change where objects lie. */
#define DEBUG_METADATA (KF_SLAB_RED_ZONE | KF_SLAB_POISON | KF_SLAB_STORE_USER)

const struct kf_slab_ops *const kf_slab_ops[KF_NR_SLAB_KINDS] = {
	[KF_SLAB_GUARDED] = &kf_slab_guarded,
	[KF_SLAB_DEBUG] = &kf_slab_debug,
	[KF_SLAB_PLAIN] = &kf_slab_plain,
	[KF_SLAB_FENCED] = &kf_slab_fenced,
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
	return st->cache_by_id && st->cpu_slab ? kf_plain_init() : -ENOMEM;
}

/* ---- making ------------------------------------------------------------------------------------------- */

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
		st->cache_by_id[cache->id] = cache;
		__atomic_store_n(&st->nr_caches, cache->id + 1, __ATOMIC_RELEASE);
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

/* slub_debug makes a debug cache. What a driver asks for itself is had from the guards, unless they are off. */
static enum kf_slab_kind choose_kind(u32 flags, u32 asked)
{
	u32 debug = flags & KF_SLAB_DEBUG_FLAGS;

	if (kf_plain_wanted(kf_settings()))
		return KF_SLAB_PLAIN;
	if (debug && (debug != (asked & KF_SLAB_DEBUG_FLAGS) || !kf_settings()->guard))
		return KF_SLAB_DEBUG;
	return KF_SLAB_GUARDED;
}

static bool lay_out(struct kf_cache *cache, u32 asked)
{
	cache->kind = choose_kind(cache->flags, asked);
	return kf_cache_lay_out(cache);
}

/* The letter O of slub_debug: no debugging that makes the smallest slab larger. */
static bool lay_out_modestly(struct kf_cache *cache, u32 asked)
{
	if (!lay_out(cache, asked))
		return false;
	cache->higher_order = kf_order_of(cache->stride) > kf_order_of(cache->object_size);
	if (cache->kind != KF_SLAB_DEBUG || !cache->higher_order || !kf_slub_debug_modest())
		return true;
	cache->flags &= ~(u32)DEBUG_METADATA;
	cache->higher_order = false;
	return lay_out(cache, asked);
}

static bool fill_cache(struct kf_cache *cache, const struct kf_cache_request *req)
{
	cache->object_size = (u32)req->size;
	cache->align = kf_slab_alignment(req->size, req->align, req->flags);
	cache->flags = kf_slub_debug_flags(req->flags, req->name);
	cache->gfp = zone_bits(req->flags);
	cache->ctor = req->ctor;
	cache->useroffset = (u32)req->useroffset;
	cache->usersize = (u32)req->usersize;
	cache->refcount = 1;
	cache->room = kf_merge_room(cache);
	cache->poison = !req->ctor && !(req->flags & KF_SLAB_TYPESAFE_BY_RCU);
	strncpy(cache->name, req->name, sizeof(cache->name) - 1);
	kf_list_init(&cache->partial);
	kf_list_init(&cache->slabs);
	return lay_out_modestly(cache, req->flags);
}

struct kf_cache *kf_cache_make(const struct kf_cache_request *req, int *err)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_cache *cache;

	kf_lock(&st->lock);
	cache = new_cache_struct();
	*err = -ENOMEM;
	if (cache && !fill_cache(cache, req)) {
		*err = -EINVAL;
		drop_cache_struct(cache);
		cache = NULL;
	}
	if (cache) {
		cache->live = true;
		cache->seq = kf_next_seq();
		kf_list_add_tail(&cache->link, &st->caches);
		*err = 0;
	}
	kf_unlock(&st->lock);
	if (cache && kf_settings()->slub_stats)
		kf_cache_start_counting(cache);
	return cache;
}

/* ---- creating ----------------------------------------------------------------------------------------- */

static bool sane(const struct kf_cache_request *req)
{
	return req->name && req->size && req->size <= KF_KMALLOC_MAX_SIZE &&
	       !(req->align & (req->align - 1)) && req->align <= KF_KMALLOC_MAX_SIZE &&
	       !(req->flags & ~(u32)PERMITTED);
}

/* Fail closed: a window that is not inside the object is no window. */
static void check_window(struct kf_cache_request *req)
{
	if (req->usersize
		    ? req->usersize <= req->size && req->useroffset <= req->size - req->usersize
		    : !req->useroffset)
		return;
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "a usercopy window that is not inside the object");
	req->useroffset = req->usersize = 0;
}

static void tell_cache(struct kf_cache *cache)
{
	struct kf_object obj;

	kf_cache_object(cache, &obj);
	cache->alloc_tag = kf_hooks.allocated(&obj);
}

static struct kf_cache *create(const struct kf_cache_request *req, int *err)
{
	struct kf_request ask = {.kind = KF_CACHE, .size = req->size, .gfp = KF_GFP_KERNEL};
	struct kf_cache *cache = kf_merge(req);

	*err = 0;
	if (cache)
		return cache;
	*err = -ENOMEM;
	if (!kf_permitted(&ask))
		return NULL;
	cache = kf_cache_make(req, err);
	if (cache)
		tell_cache(cache);
	return cache;
}

struct kf_cache *kf_cache_create_usercopy(const struct kf_cache_request *asked, int *err)
{
	struct kf_cache_request req = *asked;
	struct kf_cache *cache = NULL;
	int code = -EINVAL;

	if (sane(&req)) {
		check_window(&req);
		cache = create(&req, &code);
	}
	if (err)
		*err = code;
	if (!cache && !(req.flags & KF_SLAB_PANIC))
		kf_log(4, "kmem_cache_create_usercopy(%s) failed with error %d",
		       req.name ? req.name : "(null)", code);
	return cache;
}

struct kf_cache *kf_cache_create(const char *name, size_t size, size_t align, u32 flags,
				 void (*ctor)(void *))
{
	struct kf_cache_request req = {
		.name = name, .size = size, .align = align, .flags = flags, .ctor = ctor};

	return kf_cache_create_usercopy(&req, NULL);
}

/* ---- shrinking and destroying -------------------------------------------------------------------------- */

static void discard_empty(struct kf_cache *cache)
{
	struct kf_slab *slab;

	kf_ops(cache)->flush(cache);
	while ((slab = kf_partial_take_empty(cache)))
		kf_slab_discard(slab);
}

int kf_cache_shrink(struct kf_cache *cache)
{
	int left;

	discard_empty(cache);
	kf_partial_sort(cache);
	kf_lock(&cache->lock);
	left = cache->nr_slabs != 0;
	kf_unlock(&cache->lock);
	return left;
}

/* Objects that a damaged slab lost (debug.c) are nobody's; they do not hold a cache. */
static bool has_live_objects(struct kf_cache *cache)
{
	kf_for_each_slab(slab, cache) if (slab->inuse != slab->lost) return true;
	return false;
}

static void discard_lost(struct kf_cache *cache)
{
	while (!kf_list_empty(&cache->slabs)) {
		struct kf_slab *slab = kf_container(cache->slabs.next, struct kf_slab, all);

		kf_lock(&cache->lock);
		if (slab->where == KF_SLAB_PARTIAL) {
			kf_list_del(&slab->link);
			cache->nr_partial--;
		}
		slab->where = KF_SLAB_NOWHERE;
		kf_unlock(&cache->lock);
		kf_slab_discard(slab);
	}
}

static void forget(struct kf_cache *cache)
{
	struct kf_slab_state *st = &kf_state()->slab;

	kf_cache_stop_counting(cache);
	kf_lock(&st->lock);
	kf_list_del(&cache->link);
	drop_cache_struct(cache);
	kf_unlock(&st->lock);
}

bool kf_cache_unmake(struct kf_cache *cache)
{
	discard_empty(cache);
	if (has_live_objects(cache))
		return false;
	discard_lost(cache);
	forget(cache);
	return true;
}

void kf_cache_destroy(struct kf_cache *cache)
{
	struct kf_object obj;

	if (!cache)
		return;
	if (!kf_cache_object(cache, &obj) || !cache->live) {
		kf_tell(KF_BUG_DOUBLE_FREE, cache, NULL, NULL, "destroyed a cache that is none");
		return;
	}
	if (kf_merge_release(cache))
		return;
	if (cache->kind == KF_SLAB_PLAIN)
		kf_plain_retire(cache);
	discard_empty(cache);
	if (has_live_objects(cache)) {
		kf_report_remaining(cache);
		kf_tell(KF_BUG_CACHE_NOT_EMPTY, cache, &obj, cache, "Slab cache still has objects");
		return;
	}
	discard_lost(cache);
	cache->free_tag = kf_hooks.freed(&obj);
	forget(cache);
}

const char *kf_cache_name(const struct kf_cache *cache)
{
	return cache->name;
}

size_t kf_cache_object_size(const struct kf_cache *cache)
{
	return cache->object_size;
}

u32 kf_cache_flags(const struct kf_cache *cache)
{
	return cache->flags;
}

bool kf_cache_has_ctor(const struct kf_cache *cache)
{
	return cache->ctor != NULL;
}

bool kf_cache_object(const struct kf_cache *cache, struct kf_object *out)
{
	const struct kf_slab_state *st = &kf_state()->slab;
	u64 at = (u64)(uintptr_t)cache;
	u64 end = __atomic_load_n(&kf_state()->meta.next, __ATOMIC_RELAXED);

	if (at < kf_layout()->meta || at + sizeof(*cache) > end || at % 64 ||
	    cache->id >= __atomic_load_n(&st->nr_caches, __ATOMIC_ACQUIRE) ||
	    st->cache_by_id[cache->id] != cache)
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
