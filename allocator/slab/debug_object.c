// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding things in a debug slab: objects by address, free pointers, records.
 */
#include <string.h>

#include "debug.h"

/* ---- pointers ---------------------------------------------------------------------------------------- */

static void **free_pointer(const struct kf_cache *cache, const void *object)
{
	return (void **)((char *)object + cache->fp_offset);
}

void *kf_debug_next(const struct kf_cache *cache, const void *object)
{
	void *next;

	memcpy(&next, free_pointer(cache, object), sizeof(next));
	return next;
}

void kf_debug_set_next(const struct kf_cache *cache, void *object, void *next)
{
	memcpy(free_pointer(cache, object), &next, sizeof(next));
}

static unsigned slot_around(const struct kf_slab *slab, const void *addr)
{
	return (unsigned)((size_t)((const char *)addr - slab->base) / slab->cache->stride);
}

/* Index of the object that starts at p, or KF_NO_INDEX. */
unsigned kf_debug_index_at(const struct kf_slab *slab, const void *p)
{
	u64 offset = (u64)(uintptr_t)p - (u64)(uintptr_t)slab->base;
	u64 index = offset / slab->cache->stride;

	if (index >= slab->objects || offset % slab->cache->stride != slab->cache->first)
		return KF_NO_INDEX;
	return (unsigned)index;
}

bool kf_debug_points_to_object(const struct kf_slab *slab, const void *p)
{
	return !p || kf_debug_index_at(slab, p) != KF_NO_INDEX;
}

/* ---- records ----------------------------------------------------------------------------------------- */

void kf_debug_fill_object(const struct kf_slab *slab, unsigned index, struct kf_object *out)
{
	const struct kf_rec *rec = &slab->recs[index];

	*out = (struct kf_object){
		.kind = KF_SLAB,
		.live = rec->state & KF_REC_LIVE,
		.addr = kf_slab_address(slab, index),
		.size = rec->size,
		.usable = slab->cache->object_size,
		.gfp = kf_rec_gfp(rec->state),
		.cache = slab->cache,
		.seq = (u64)rec->seq_high << 32 | rec->seq_low,
		.alloc_tag = rec->alloc_tag,
		.free_tag = kf_rec_free_tag(rec->state),
	};
}

bool kf_debug_find_object(const struct kf_slab *slab, const void *addr, struct kf_object *out)
{
	unsigned index = slot_around(slab, addr);

	if (index >= slab->objects || !(slab->recs[index].seq_low | slab->recs[index].seq_high))
		return false;
	kf_debug_fill_object(slab, index, out);
	return true;
}

void kf_debug_tell(const struct kf_slab *slab, enum kf_bug_kind kind, const void *p,
		   const char *what)
{
	struct kf_object obj;
	u64 offset = (u64)(uintptr_t)p - (u64)(uintptr_t)slab->base;
	bool known = offset < KF_PAGE_SIZE << slab->order && kf_debug_find_object(slab, p, &obj);

	kf_tell(kind, p, known ? &obj : NULL, slab->cache, what);
}
