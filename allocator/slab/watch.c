// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools that look at every access must know of slab objects (hook `bytes`):
 *
 *	slab	| guard | object, as asked for | rest | guard | free slot | guard | ...
 *		 nobody's  new, or known	nobody's ...
 *
 * An object is known when it was cleared or has a constructor: what the constructor made outlives a free. Objects of caches
 * that are typesafe by RCU may still be read when they are free, so they stay known. Slabs without guards (checks=off) are
 * known as a whole: their allocator keeps its lists in the objects, and tells nobody when they come and go.
 */
#include "../core/state.h"

static bool stays_readable(const struct kf_cache *cache)
{
	return cache->flags & KF_SLAB_TYPESAFE_BY_RCU;
}

void kf_watch_open(const struct kf_cache *cache, const void *p, size_t kept)
{
	const char *bytes = p;

	kf_tell_bytes(bytes - cache->guard, cache->guard, KF_BYTES_KNOWN);
	kf_tell_bytes(bytes + kept, cache->room - kept + cache->guard, KF_BYTES_KNOWN);
}

/* The guards on both sides, and what is left of the object's room. */
static void close_around(const struct kf_cache *cache, const void *p, size_t size)
{
	const char *bytes = p;

	kf_tell_bytes(bytes - cache->guard, cache->guard, KF_BYTES_NOBODYS);
	kf_tell_bytes(bytes + size, cache->room - size + cache->guard, KF_BYTES_NOBODYS);
}

void kf_watch_object(const struct kf_cache *cache, const void *p, size_t size, bool zeroed)
{
	bool known = zeroed || cache->ctor || stays_readable(cache);

	if (!kf_watched)
		return;
	close_around(cache, p, size);
	kf_tell_bytes(p, size, known ? KF_BYTES_KNOWN : KF_BYTES_NEW);
}

void kf_unwatch_object(const struct kf_cache *cache, const void *p)
{
	if (kf_watched)
		close_around(cache, p, stays_readable(cache) ? cache->room : 0);
}

void kf_watch_resized(const struct kf_cache *cache, const void *p, size_t old, size_t size,
		      bool zeroed)
{
	if (!kf_watched)
		return;
	if (size > old && !zeroed)
		kf_tell_bytes((const char *)p + old, size - old, KF_BYTES_NEW);
	close_around(cache, p, size);
}

void kf_watch_new_slab(const struct kf_slab *slab)
{
	kf_tell_bytes(slab->base, KF_PAGE_SIZE << slab->order,
		      slab->cache->kind == KF_SLAB_PLAIN ? KF_BYTES_KNOWN : KF_BYTES_NOBODYS);
}

static void watch_objects(const struct kf_slab *slab)
{
	const struct kf_cache *cache = slab->cache;
	struct kf_object obj;

	for (unsigned i = 0; i < slab->objects; i++) {
		const void *p = kf_slab_address(slab, i);

		if (kf_ops_of(slab)->object(slab, p, &obj) && obj.live)
			kf_tell_bytes(p, obj.size, KF_BYTES_KNOWN);
		else if (stays_readable(cache))
			kf_tell_bytes(p, cache->room, KF_BYTES_KNOWN);
	}
}

static void watch_cache(struct kf_cache *cache, void *arg)
{
	kf_for_each_slab(slab, cache)
	{
		if (slab->kind == KF_SLAB_FENCED) /* told when it was made */
			continue;
		kf_watch_new_slab(slab);
		if (cache->kind != KF_SLAB_PLAIN)
			watch_objects(slab);
	}
}

void kf_watch(void)
{
	kf_watched = true;
	kf_cache_for_each(watch_cache, NULL);
}
