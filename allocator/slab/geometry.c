// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many objects a slab holds, in how many pages, and how many slabs a cache keeps. Follows
 * calculate_order(), set_cpu_partial() and the rest of kmem_cache_open() of mm/slub.c 6.1, and
 * calculate_alignment() of mm/slab_common.c.
 *
 * A kind of slabs says where objects lie (first, stride, tail); from that follow
 *
 *	capacity(order)	= how often an object with its tail fits, stride by stride
 *	order		= the smallest that holds `min_objects` and wastes at most 1/16, else 1/8, 1/4; else fewer
 *			  objects; else one; from slub_min_order to slub_max_order, above for a single object
 */
#include "../core/state.h"

#define MAX_OBJECTS 32767u
#define CACHE_LINE  64u

/* Objects that fit into a slab of this order, each with its guards. */
u32 kf_slab_capacity(const struct kf_cache *cache, unsigned order)
{
	u64 bytes = KF_PAGE_SIZE << order, one = cache->first + cache->room + cache->tail, n;

	if (bytes < one)
		return 0;
	n = (bytes - one) / cache->stride + 1;
	return n > MAX_OBJECTS ? MAX_OBJECTS : (u32)n;
}

static unsigned lowest_order(const struct kf_cache *cache, u32 objects)
{
	unsigned order = 0;

	while (order < KF_MAX_ORDER && kf_slab_capacity(cache, order) < objects)
		order++;
	return order;
}

/* An order within the settings with `objects` objects that wastes at most 1/fraction; or KF_MAX_ORDER. */
static unsigned frugal_order(const struct kf_cache *cache, u32 objects, unsigned fraction)
{
	const struct kf_settings *settings = kf_settings();
	unsigned order = lowest_order(cache, objects);

	if (order < settings->slub_min_order)
		order = settings->slub_min_order;
	for (; order <= settings->slub_max_order; order++) {
		u64 bytes = KF_PAGE_SIZE << order;

		if (bytes - (u64)kf_slab_capacity(cache, order) * cache->stride <= bytes / fraction)
			return order;
	}
	return KF_MAX_ORDER;
}

static u32 wanted_objects(const struct kf_cache *cache)
{
	const struct kf_settings *settings = kf_settings();
	u32 wanted = settings->slub_min_objects, most;

	if (!wanted)
		wanted = 4 * (33 - (u32)__builtin_clz(kf_layout()->nr_cpus));
	most = kf_slab_capacity(cache, settings->slub_max_order);
	return wanted < most ? wanted : most;
}

static unsigned best_order(const struct kf_cache *cache)
{
	unsigned order;

	for (u32 wanted = wanted_objects(cache); wanted > 1; wanted--)
		for (unsigned fraction = 16; fraction >= 4; fraction /= 2) {
			order = frugal_order(cache, wanted, fraction);
			if (order < KF_MAX_ORDER)
				return order;
		}
	order = frugal_order(cache, 1, 1);
	return order < KF_MAX_ORDER ? order : lowest_order(cache, 1);
}

u32 kf_slab_alignment(size_t size, size_t align, u32 flags)
{
	u32 line = CACHE_LINE;

	if (flags & KF_SLAB_HWCACHE_ALIGN) {
		while (size <= line / 2)
			line /= 2;
		align = align < line ? line : align;
	}
	return align < 8 ? 8 : (u32)align;
}

static u32 kept_partials(u32 stride)
{
	u32 half = (31 - (u32)__builtin_clz(stride)) / 2;

	return half < 5 ? 5 : half > 10 ? 10 : half;
}

/* Objects in partial slabs that a CPU may keep to itself. */
static u32 kept_by_cpu(const struct kf_cache *cache)
{
	if (cache->kind == KF_SLAB_DEBUG)
		return 0;
	if (cache->stride >= KF_PAGE_SIZE)
		return 6;
	if (cache->stride >= 1024)
		return 24;
	return cache->stride >= 256 ? 52 : 120;
}

bool kf_cache_lay_out(struct kf_cache *cache)
{
	kf_ops(cache)->lay_out(cache);
	cache->inverse = (u32)((1ull << 32) / cache->stride + 1);
	cache->order = best_order(cache);
	cache->min_order = lowest_order(cache, 1);
	cache->objects = cache->order < KF_MAX_ORDER ? kf_slab_capacity(cache, cache->order) : 0;
	cache->min_partial = kept_partials(cache->stride);
	cache->cpu_partial = kept_by_cpu(cache);
	return cache->objects != 0;
}

u32 kf_cache_cpu_partial_slabs(const struct kf_cache *cache)
{
	return (2 * cache->cpu_partial + cache->objects - 1) / cache->objects;
}
