// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches that are one: a new cache may become another name of one that exists. Follows find_mergeable() of
 * mm/slab_common.c and __kmem_cache_alias() of mm/slub.c 6.1. Off unless the setting slub_merge is on,
 * because reports should name the cache that a driver means.
 *
 * An alias may bring larger objects, as long as they fit into the kernel's slot. So where caches merge, an object has
 * that slot's bytes as its room from the start, and guards lie behind them. An alias is no object of its own to the
 * hooks: it is one more reference to the cache.
 */
#include <string.h>

#include "../core/state.h"

/* SLAB_NEVER_MERGE and SLAB_MERGE_SAME */
#define NEVER                                                                     \
	(KF_SLAB_RED_ZONE | KF_SLAB_POISON | KF_SLAB_STORE_USER | KF_SLAB_TRACE | \
	 KF_SLAB_TYPESAFE_BY_RCU | KF_SLAB_NOLEAKTRACE | KF_SLAB_FAILSLAB)
#define SAME (KF_SLAB_RECLAIM_ACCOUNT | KF_SLAB_CACHE_DMA | KF_SLAB_CACHE_DMA32 | KF_SLAB_ACCOUNT)

struct kf_alias {
	struct kf_alias *next;
	char name[48];
};

/* Bytes between objects if there were no guards. */
static u32 slot(u32 size, u32 align)
{
	return (u32)kf_align_up(kf_align_up(size, 8), align);
}

static bool mergeable(const struct kf_cache *cache)
{
	return !(cache->flags & NEVER) && !cache->ctor && !cache->usersize;
}

u32 kf_merge_room(const struct kf_cache *cache)
{
	if (!kf_settings()->slub_merge || !mergeable(cache))
		return cache->object_size;
	return slot(cache->object_size, cache->align);
}

static bool fits(const struct kf_cache *cache, const struct kf_cache_request *req, u32 flags)
{
	u32 align = kf_slab_alignment(req->size, req->align, req->flags);
	u32 size = slot((u32)req->size, align), have = cache->room;

	return mergeable(cache) && size <= have && (flags & SAME) == (cache->flags & SAME) &&
	       !(have & (align - 1)) && !(cache->stride & (align - 1)) &&
	       !(cache->first & (align - 1)) && have - size < 8;
}

/* Under the lock of the lists of caches. Oldest first, as the kernel looks. */
static struct kf_cache *find(const struct kf_cache_request *req)
{
	struct kf_list *head = &kf_state()->slab.caches;
	u32 flags = kf_slub_debug_flags(req->flags, req->name);

	if (req->ctor || req->usersize || flags & NEVER)
		return NULL;
	for (struct kf_list *at = head->next; at != head; at = at->next) {
		struct kf_cache *cache = kf_container(at, struct kf_cache, link);

		if (fits(cache, req, flags))
			return cache;
	}
	return NULL;
}

static bool add_alias(struct kf_cache *cache, const char *name)
{
	struct kf_alias *alias = kf_meta_alloc(sizeof(*alias)), **end = &cache->aliases;

	if (!alias)
		return false;
	strncpy(alias->name, name, sizeof(alias->name) - 1);
	while (*end)
		end = &(*end)->next;
	*end = alias;
	return true;
}

struct kf_cache *kf_merge(const struct kf_cache_request *req)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_cache *cache;

	if (!kf_settings()->slub_merge)
		return NULL;
	kf_lock(&st->lock);
	cache = find(req);
	if (cache && !add_alias(cache, req->name))
		cache = NULL;
	if (cache) {
		cache->refcount++;
		if (cache->object_size < req->size)
			cache->object_size = (u32)req->size;
	}
	kf_unlock(&st->lock);
	return cache;
}

bool kf_merge_release(struct kf_cache *cache)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_alias *alias;

	kf_lock(&st->lock);
	alias = cache->aliases;
	if (alias) {
		cache->aliases = alias->next;
		cache->refcount--;
	}
	kf_unlock(&st->lock);
	if (alias)
		kf_meta_free(alias, sizeof(*alias));
	return alias != NULL;
}

void kf_cache_for_each_alias(const struct kf_cache *cache, void (*fn)(const char *name, void *arg),
			     void *arg)
{
	for (const struct kf_alias *alias = cache->aliases; alias; alias = alias->next)
		fn(alias->name, arg);
}
