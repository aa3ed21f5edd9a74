// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmalloc() and kfree(), on top of the size classes (size_class.c). Follows mm/slab_common.c of 6.1:
 *
 *	0		ZERO_SIZE_PTR, asked of nobody
 *	1..8192		caches kmalloc-8 .. kmalloc-8k with 96 and 192; four types by gfp
 *	..4 MiB		whole compound pages
 *
 * or as the profile in force has it (profile.h). Every object's guard starts at the size that was asked for, not
 * at the class's size. A large block is guarded for KF_LARGE_GUARD bytes after its size, as far as the block
 * reaches.
 */
#include <string.h>

#include "../core/state.h"
#include "plain.h"

/* ---- large blocks ------------------------------------------------------------------------------------- */

static void warn_bad_zone(const struct kf_cache *cache, u32 gfp)
{
	if (gfp & (KF_GFP_DMA32 | KF_GFP_HIGHMEM))
		kf_tell(KF_BUG_WARN, NULL, NULL, cache,
			"Unexpected gfp: zone bits that kmalloc ignores");
}

static bool is_fenced(const void *p)
{
	return kf_fence_index(kf_virt_to_phys(p) >> KF_PAGE_SHIFT) != KF_NO_PFN;
}

/* Whole pages behind a fenced block's size are inaccessible. */
size_t kf_large_room(const void *p, size_t size, unsigned order)
{
	return is_fenced(p) ? kf_align_up(size, KF_PAGE_SIZE) : KF_PAGE_SIZE << order;
}

size_t kf_large_guard(const void *p, size_t size, unsigned order)
{
	size_t rest = kf_large_room(p, size, order) - size;

	return rest < KF_LARGE_GUARD || is_fenced(p) ? rest : KF_LARGE_GUARD;
}

static void *alloc_large(size_t size, u32 gfp)
{
	struct kf_request req = {.kind = KF_KMALLOC_LARGE, .size = size, .gfp = gfp};
	struct kf_frame *frame;
	struct kf_object obj;
	struct page *page;
	char *p;

	if (size > KF_KMALLOC_MAX_SIZE) {
		if (!(gfp & KF_GFP_NOWARN))
			kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "kmalloc above 4 MiB");
		return NULL;
	}
	req.order = kf_order_of(size);
	warn_bad_zone(NULL, gfp);
	if (!kf_permitted(&req))
		return NULL;
	gfp = kf_fix_gfp(gfp);
	page = kf_pages_take(gfp | KF_GFP_COMP, req.order, KF_KMALLOC_LARGE);
	if (!page)
		return NULL;
	p = kf_page_address(page);
	kf_fence_trim(kf_page_to_pfn(page), req.order, size);
	memset(p + size, KF_BYTE_GUARD, kf_large_guard(p, size, req.order));
	kf_tell_bytes(p + size, (KF_PAGE_SIZE << req.order) - size, KF_BYTES_NOBODYS);
	frame = &kf_here.frames[kf_page_to_pfn(page)];
	frame->flags = KF_FRAME_TOLD | KF_FRAME_LIVE | KF_FRAME_KNOWN;
	frame->size = (u32)size;
	frame->gfp = gfp;
	frame->seq = kf_next_seq();
	kf_frame_fill_object(kf_page_to_pfn(page), frame, &obj);
	frame->alloc_tag = kf_hooks.allocated(&obj);
	return p;
}

/* The record of the large block that starts at p, or NULL. */
struct kf_frame *kf_large_at(const void *p)
{
	struct kf_frame *frame;

	if (!kf_virt_addr_valid(p) || (uintptr_t)p & ~KF_PAGE_MASK)
		return NULL;
	frame = &kf_here.frames[kf_virt_to_phys(p) >> KF_PAGE_SHIFT];
	if (frame->state != KF_FRAME_BLOCK || frame->kind != KF_KMALLOC_LARGE ||
	    !(frame->flags & KF_FRAME_LIVE))
		return NULL;
	return frame;
}

void kf_large_check(const struct kf_frame *frame, void *p)
{
	size_t n = kf_large_guard(p, frame->size, frame->order);
	struct kf_object obj;

	kf_frame_fill_object(kf_virt_to_phys(p) >> KF_PAGE_SHIFT, frame, &obj);
	kf_tell_bytes((char *)p + frame->size, n, KF_BYTES_KNOWN);
	kf_check_bytes(KF_BUG_REDZONE, (char *)p + frame->size, KF_BYTE_GUARD, n, &obj,
		       "bytes after the requested size were overwritten");
	kf_tell_bytes((char *)p + frame->size, n, KF_BYTES_NOBODYS);
}

static void free_large(struct kf_frame *frame, void *p)
{
	struct page *page = kf_virt_to_page(p);

	kf_large_check(frame, p);
	if (!__atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL))
		kf_release_page(page);
}

/* ---- kmalloc and kfree ---------------------------------------------------------------------------------- */

static bool request_bytes(const struct kf_cache *cache, size_t size, u32 gfp)
{
	struct kf_request req = {.kind = KF_SLAB, .size = size, .gfp = gfp, .cache = cache};

	warn_bad_zone(cache, gfp);
	return kf_permitted(&req);
}

void *kf_kmalloc_trace(struct kf_cache *cache, u32 gfp, size_t size)
{
	const struct kf_slab_state *st = &kf_state()->slab;

	if (st->profile) /* the class that the caller's kernel chose is not one of this profile's */
		cache = st->kmalloc[kf_class_type(gfp)][kf_class_index(size)];
	if (cache->kind != KF_SLAB_PLAIN && !request_bytes(cache, size, gfp))
		return NULL;
	gfp = kf_fix_gfp(gfp);
	return kf_ops(cache)->alloc(cache, gfp, size);
}

/* Above the largest size class. */
static void *alloc_above(size_t size, u32 gfp)
{
	return kf_profile()->above == KF_ABOVE_NULL ? NULL : alloc_large(size, gfp);
}

static void *alloc_nothing(u32 gfp)
{
	if (!kf_profile()->zero_is_object)
		return KF_ZERO_SIZE_PTR;
	return kf_kmalloc_trace(NULL, gfp, 0);
}

static __attribute__((noinline)) void *kmalloc_slow(size_t size, u32 gfp)
{
	const struct kf_slab_state *st = &kf_state()->slab;

	if (size > st->max_cache_size)
		return alloc_above(size, gfp);
	if (!size)
		return alloc_nothing(gfp);
	return kf_kmalloc_trace(st->kmalloc[kf_class_type(gfp)][kf_class_index(size)], gfp, size);
}

void *kf_kmalloc(size_t size, u32 gfp)
{
	void *object = kf_plain_kmalloc(size, gfp);

	return object ? object : kmalloc_slow(size, gfp);
}

/* p is neither in a slab nor a large block: say why. */
static void tell_foreign(const void *p)
{
	struct kf_object obj;

	if (!kf_object_at(p, &obj)) {
		kf_tell(KF_BUG_INVALID_FREE, p, NULL, NULL,
			"kfree of an address that is no object");
		return;
	}
	if (obj.kind == KF_PAGES && !obj.order)
		kf_log(4, "object pointer: 0x%016llx", (unsigned long long)(uintptr_t)p);
	if (obj.kind != KF_KMALLOC_LARGE)
		kf_tell(KF_BUG_WRONG_FAMILY, p, &obj, NULL,
			"kfree of memory that kmalloc did not give");
	else if (p != obj.addr)
		kf_tell(KF_BUG_INVALID_FREE, p, &obj, NULL, "freed an address inside an object");
	else
		kf_tell(KF_BUG_DOUBLE_FREE, p, &obj, NULL, "freed an object that is free");
}

static __attribute__((noinline)) void kfree_slow(const void *object)
{
	struct kf_slab *slab;
	struct kf_frame *large;

	if (KF_ZERO_OR_NULL(object))
		return;
	slab = kf_slab_at(object);
	if (slab && slab->cache->pool) {
		tell_foreign(object);
		return;
	}
	if (slab) {
		kf_ops_of(slab)->free(slab, object);
		return;
	}
	large = kf_large_at(object);
	if (large)
		free_large(large, (void *)object);
	else
		tell_foreign(object);
}

void kf_kfree(const void *object)
{
	if (!kf_plain_kfree(object))
		kfree_slow(object);
}
