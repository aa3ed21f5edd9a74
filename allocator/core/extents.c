// SPDX-License-Identifier: GPL-2.0-only
/*
 * All memory for a scan (extents.h): caches, then their slabs; zones, then their blocks. What a kind of cache knows about
 * one object is asked through its operations; guarded ones, which nearly all are, are read here directly, since
 * a scan looks at millions of them.
 */
#include "../page/base.h"
#include "../slab/slab_state.h"
#include "extents.h"

/* ---- slabs ------------------------------------------------------------------------------------------- */

struct visit {
	void (*fn)(const struct kf_extent *extent, void *arg);
	void *arg;
};

static void visit_slab(const struct kf_slab *slab, const struct visit *visit)
{
	const struct kf_cache *cache = slab->cache;
	struct kf_extent extent = {
		.start = (u64)(uintptr_t)slab->base,
		.size = KF_PAGE_SIZE << slab->order,
		.first = (u64)(uintptr_t)slab->base + cache->first,
		.stride = cache->stride,
		.slots = slab->objects,
		.object_size = cache->object_size,
		.full = slab->inuse == slab->objects && cache->kind == KF_SLAB_GUARDED,
		.cache = cache,
		.slab = slab,
	};

	/* A fenced object is alone in its pages, and behind what was asked for there may be no more of them. */
	if (slab->kind == KF_SLAB_FENCED) {
		extent.start = extent.first & KF_PAGE_MASK;
		extent.object_size = slab->recs[0].size;
		extent.full = false;
	}
	if (slab->inuse)
		visit->fn(&extent, visit->arg);
}

static void visit_cache(struct kf_cache *cache, void *arg)
{
	kf_for_each_slab(slab, cache) visit_slab(slab, arg);
}

void kf_extents_for_each(void (*fn)(const struct kf_extent *extent, void *arg), void *arg)
{
	struct visit visit = {fn, arg};

	kf_cache_for_each(visit_cache, &visit);
}

static bool ask(const struct kf_slab *slab, u32 slot, struct kf_object *out)
{
	return kf_ops_of(slab)->object(slab, kf_slab_address(slab, slot), out) && out->live;
}

void kf_extent_live(const struct kf_extent *extent, u8 *live)
{
	const struct kf_slab *slab = extent->slab;
	struct kf_object object;

	if (slab->cache->kind == KF_SLAB_GUARDED) {
		for (u32 i = 0; i < extent->slots; i++)
			live[i] = slab->recs[i].state >> 31;
		return;
	}
	for (u32 i = 0; i < extent->slots; i++)
		live[i] = ask(slab, i, &object);
}

u32 kf_extent_requested(const struct kf_extent *extent, u32 slot)
{
	const struct kf_slab *slab = extent->slab;
	struct kf_object object;

	if (slab->cache->kind == KF_SLAB_GUARDED)
		return slab->recs[slot].state & KF_REC_LIVE ? slab->recs[slot].size : 0;
	return ask(slab, slot, &object) ? (u32)object.size : 0;
}

/* ---- frames ------------------------------------------------------------------------------------------ */

static enum kf_frame_use use_of_block(const struct kf_frame *frame)
{
	switch (frame->kind) {
	case KF_PAGES:
		return KF_USE_PAGES;
	case KF_KMALLOC_LARGE:
		return KF_USE_LARGE;
	default:
		return KF_USE_OWN;
	}
}

/* Of fenced memory, and inaccessible: nothing that anybody may read. */
static bool is_closed(u64 pfn)
{
	return kf_fence_hidden((u64)(uintptr_t)kf_frame_virt(pfn));
}

static enum kf_frame_use use_of(u64 pfn)
{
	const struct kf_frame *frame = kf_frame_at(pfn);

	if (is_closed(pfn))
		return KF_USE_FREE;
	switch (frame->state) {
	case KF_FRAME_FREE:
	case KF_FRAME_PCP:
	case KF_FRAME_LOST:
		return KF_USE_FREE;
	case KF_FRAME_SLAB:
		return KF_USE_SLAB;
	case KF_FRAME_BLOCK:
		return use_of_block(frame);
	default:
		return KF_USE_RESERVED;
	}
}

/* Frames from pfn on that are used for the same: a block, a slab, or reserved ones in a row. */
static u64 run_from(u64 pfn, u64 end, enum kf_frame_use use)
{
	u64 next = pfn + 1;

	if (is_closed(pfn))
		return 1;
	if (use == KF_USE_SLAB)
		return 1ull << kf_frame_at(pfn)->slab->order;
	if (use != KF_USE_RESERVED)
		return 1ull << kf_frame_at(pfn)->order;
	while (next < end && kf_frame_at(next)->state == KF_FRAME_INNER)
		next++;
	return next - pfn;
}

void kf_frames_for_each(void (*fn)(u64 pfn, u64 frames, enum kf_frame_use use, void *arg),
			void *arg)
{
	for (int z = 0; z < KF_NR_ZONES; z++) {
		const struct kf_layout *l = kf_layout();
		u64 pfn = l->zone[z].start >> KF_PAGE_SHIFT, n;
		u64 end = l->zone[z].end >> KF_PAGE_SHIFT;

		for (; pfn < end; pfn += n) {
			enum kf_frame_use use = use_of(pfn);

			n = run_from(pfn, end, use);
			fn(pfn, n, use, arg);
		}
	}
}
