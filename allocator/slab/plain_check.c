// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain caches, questions: which object is this, is it live, and do all lists and counts agree? Nothing is written
 * down about live objects, so all places where free ones may be are searched: for reports and tests, not for speed.
 */
#include "plain_list.h"

static bool list_holds(const struct kf_cache *cache, void *list, const void *p)
{
	unsigned steps = 0;

	for (void *at = list; at && steps++ < UINT16_MAX; at = kf_link_next(cache, at))
		if (at == p)
			return true;
	return false;
}

/* Some CPU, or the barn. */
static bool somebody_holds(const struct kf_cache *cache, const void *p)
{
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		if (list_holds(cache, kf_plain_lists(cache, cpu)->freelist, p) ||
		    list_holds(cache, kf_plain_lists(cache, cpu)->freed, p))
			return true;
	for (unsigned i = 0; i < cache->barn.nr; i++)
		if (list_holds(cache, cache->barn.full[i], p))
			return true;
	return false;
}

/* Requested size, gfp and sequence number were never known. */
bool kf_plain_object(const struct kf_slab *slab, const void *addr, struct kf_object *out)
{
	const struct kf_cache *cache = slab->cache;
	unsigned index = (unsigned)((size_t)((const char *)addr - slab->base) / cache->stride);

	if (index >= slab->fresh)
		return false;
	*out = (struct kf_object){
		.kind = KF_SLAB,
		.addr = kf_slab_address(slab, index),
		.size = cache->object_size,
		.usable = cache->object_size,
		.gfp = KF_GFP_KERNEL,
		.cache = cache,
	};
	out->live =
		!list_holds(cache, slab->freelist, out->addr) && !somebody_holds(cache, out->addr);
	return true;
}

static bool is_object_of(const struct kf_slab *slab, const void *p)
{
	size_t offset = (size_t)((const char *)p - slab->base);

	return offset < (size_t)slab->fresh * slab->cache->stride &&
	       offset % slab->cache->stride == 0;
}

const char *kf_plain_check(const struct kf_slab *slab)
{
	unsigned listed = 0;

	for (void *at = slab->freelist; at; at = kf_link_next(slab->cache, at)) {
		if (!is_object_of(slab, at))
			return "a plain slab's list leaves the slab";
		if (++listed > slab->objects)
			return "a plain slab's list is a ring";
	}
	if (slab->inuse + listed + (slab->objects - slab->fresh) != slab->objects)
		return "a plain slab's counts do not add up";
	if (slab->allocs - slab->frees != slab->inuse)
		return "a plain slab's allocations and frees do not balance";
	return NULL;
}

/* Add the length of a list that is outside of slabs. */
static const char *validate_list(const struct kf_cache *cache, void *list, u64 *length)
{
	u64 limit = *length + UINT16_MAX;

	for (void *at = list; at; at = kf_link_next(cache, at)) {
		const struct kf_slab *slab = kf_slab_at(at);

		if (!slab || slab->cache != cache || !is_object_of(slab, at))
			return "a CPU's list holds what is no object of its cache";
		if (list_holds(cache, slab->freelist, at))
			return "an object is on a CPU's list and on its slab's";
		if (++*length > limit)
			return "a CPU's list is a ring";
	}
	return NULL;
}

static const char *validate_lists(const struct kf_cache *cache, unsigned cpu, u64 *length)
{
	const struct kf_cache_cpu *lists = kf_plain_lists(cache, cpu);
	u64 before = *length;
	const char *wrong = validate_list(cache, lists->freed, length);

	if (!wrong && *length - before != lists->batch - lists->room)
		wrong = "a CPU's count of freed objects is wrong";
	return wrong ? wrong : validate_list(cache, lists->freelist, length);
}

const char *kf_plain_validate(const struct kf_cache *cache)
{
	u64 outside = 0, inuse = 0;
	const char *wrong = NULL;

	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus && !wrong; cpu++)
		wrong = validate_lists(cache, cpu, &outside);
	for (unsigned i = 0; i < cache->barn.nr && !wrong; i++)
		wrong = validate_list(cache, cache->barn.full[i], &outside);
	kf_for_each_slab(slab, cache) inuse += slab->inuse;
	if (!wrong && outside > inuse)
		wrong = "more objects are on CPUs' lists than were taken from slabs";
	return wrong;
}
