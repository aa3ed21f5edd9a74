// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walking over caches, slabs and objects: statistics for /proc/slabinfo and /sys/kernel/slab, checks of all
 * objects, and the equations:
 *
 *	inuse + free objects == objects, as each kind counts them
 *	a FULL slab has no free objects; PARTIAL slabs are on the list, nr_partial of them
 */
#include <errno.h>

#include "../core/state.h"
#include "debug.h"

/* ---- statistics ----------------------------------------------------------------------------------------- */

static void add_slab(struct kf_cache_stat *out, const struct kf_slab *slab)
{
	out->objects += slab->objects;
	out->active += slab->inuse;
	out->allocs += slab->allocs;
	out->frees += slab->frees;
	out->active_slabinfo += slab->where == KF_SLAB_PARTIAL ? slab->inuse : slab->objects;
	if (slab->where == KF_SLAB_PARTIAL) {
		out->partial++;
		out->partial_active += slab->inuse;
	}
	out->cpu_slabs += slab->where == KF_SLAB_ON_CPU;
}

void kf_cache_stat(const struct kf_cache *cache, struct kf_cache_stat *out)
{
	*out = (struct kf_cache_stat){
		.object_size = cache->object_size,
		.slot_size = cache->stride,
		.align = cache->align,
		.order = cache->order,
		.min_order = cache->min_order,
		.objects_per_slab = cache->objects,
		.flags = cache->flags,
		.aliases = cache->refcount - 1,
		.min_partial = cache->min_partial,
		.cpu_partial = cache->cpu_partial,
		.cpu_partial_slabs = kf_cache_cpu_partial_slabs(cache),
		.useroffset = cache->useroffset,
		.usersize = cache->usersize,
		.ctor = cache->ctor,
		.higher_order = cache->higher_order,
		.slabs = cache->nr_slabs,
		.allocs = cache->past_allocs,
		.frees = cache->past_frees,
	};
	kf_for_each_slab(slab, cache) add_slab(out, slab);
}

void kf_cache_set_min_partial(struct kf_cache *cache, u32 slabs)
{
	cache->min_partial = slabs;
}

int kf_cache_set_cpu_partial(struct kf_cache *cache, u32 objects)
{
	if (objects && cache->kind == KF_SLAB_DEBUG)
		return -EINVAL;
	cache->cpu_partial = objects;
	return 0;
}

/* ---- objects -------------------------------------------------------------------------------------------- */

static const struct kf_track *tracks_at(const struct kf_cache *cache, const void *object)
{
	if (cache->kind != KF_SLAB_DEBUG || !(cache->flags & KF_SLAB_STORE_USER))
		return NULL;
	return kf_debug_tracks(cache, object);
}

void kf_cache_for_each_object(const struct kf_cache *cache,
			      void (*fn)(const struct kf_object *obj, const struct kf_track *tracks,
					 void *arg),
			      void *arg)
{
	kf_for_each_slab(slab, cache)
	{
		for (unsigned i = 0; i < slab->objects; i++) {
			const void *p = kf_slab_address(slab, i);
			struct kf_object obj;

			if (kf_ops_of(slab)->object(slab, p, &obj))
				fn(&obj, tracks_at(cache, p), arg);
		}
	}
}

/* ---- checks --------------------------------------------------------------------------------------------- */

static void check_cache(struct kf_cache *cache, void *arg)
{
	unsigned *damaged = arg;

	kf_for_each_slab(slab, cache) *damaged += kf_ops_of(slab)->check(slab, NULL);
}

unsigned kf_slab_check(void)
{
	unsigned damaged = 0;

	kf_cache_for_each(check_cache, &damaged);
	return damaged;
}

void kf_cache_get_layout(const struct kf_cache *cache, struct kf_cache_layout *out)
{
	bool debug = cache->kind == KF_SLAB_DEBUG;

	*out = (struct kf_cache_layout){
		.size = cache->stride,
		.object_size = cache->object_size,
		.offset = debug ? cache->fp_offset : 0,
		.inuse = debug ? cache->inuse : 0,
		.align = cache->align,
		.red_left_pad = cache->first,
	};
}

int kf_cache_validate(struct kf_cache *cache)
{
	unsigned damaged = 0;

	if (!(cache->flags & KF_SLAB_DEBUG_FLAGS))
		return -EINVAL;
	kf_ops(cache)->flush(cache);
	/* As validate_slab() does; elsewhere the list is only looked at by those who follow it. */
	if (cache->kind == KF_SLAB_DEBUG)
		kf_for_each_slab(slab, cache) damaged += !kf_debug_check_chain(slab);
	check_cache(cache, &damaged);
	return (int)damaged;
}

/* ---- equations ------------------------------------------------------------------------------------------ */

static const char *validate_slab(const struct kf_slab *slab, const struct kf_cache *cache)
{
	if (slab->cache != cache)
		return "a slab belongs to another cache";
	if (slab->where == KF_SLAB_NOWHERE ||
	    (slab->where == KF_SLAB_FULL && slab->inuse != slab->objects))
		return "a slab is in the wrong place";
	return kf_ops_of(slab)->validate(slab);
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
	if (!*wrong && cache->kind == KF_SLAB_PLAIN)
		*wrong = kf_plain_validate(cache);
	if (!*wrong && (slabs != cache->nr_slabs || partial != cache->nr_partial))
		*wrong = "a cache's count of slabs is wrong";
}

const char *kf_slab_validate(void)
{
	const char *wrong = NULL;

	kf_cache_for_each(validate_cache, &wrong);
	return wrong;
}
