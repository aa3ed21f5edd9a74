/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All memory, as a scan wants it: where objects may lie, which of them are live, and what each frame is used for. In
 * contrast to objects.h, which answers for one address, this goes through everything once and gives the geometry
 * of whole slabs, so that whoever builds a table of it finds objects without asking again.
 *
 * The world must be at rest: nobody allocates or frees while fn runs, and fn does not either.
 */
#ifndef KFAIL_ALLOCATOR_EXTENTS_H
#define KFAIL_ALLOCATOR_EXTENTS_H

#include "hooks.h"

/* A slab: slot i begins at first + i * stride, and holds an object of up to object_size bytes. */
struct kf_extent {
	u64 start, size; /* whole pages */
	u64 first;
	u32 stride, slots, object_size; /* bytes, number, bytes */
	bool full;			/* every slot holds a live object */
	const struct kf_cache *cache;
	const void *slab; /* for the two functions below */
};

/* Call fn for each slab that has at least one live object. */
void kf_extents_for_each(void (*fn)(const struct kf_extent *extent, void *arg), void *arg);

/* live[i] = 1 where slot i holds a live object, else 0; `live` has room for extent->slots. */
void kf_extent_live(const struct kf_extent *extent, u8 *live);

/* Bytes that were requested for the object in this slot; 0: it is not live. */
u32 kf_extent_requested(const struct kf_extent *extent, u32 slot);

enum kf_frame_use {
	KF_USE_FREE,
	KF_USE_SLAB,
	KF_USE_LARGE,	 /* one large kmalloc() */
	KF_USE_PAGES,	 /* alloc_pages() and its kin */
	KF_USE_OWN,	 /* behind an area of vmalloc(), a per-CPU page */
	KF_USE_RESERVED, /* never given to the page allocator: early memory, the kernel itself */
};

/* Call fn for all frames of all zones, in order, run by run of one block; a run of reserved frames is as long as it goes. */
void kf_frames_for_each(void (*fn)(u64 pfn, u64 frames, enum kf_frame_use use, void *arg),
			void *arg);

/* Call fn for each live per-CPU area. Its memory is at kf_per_cpu_ptr(), of each CPU (percpu.h). */
void kf_percpu_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg);

#endif
