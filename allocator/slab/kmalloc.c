// SPDX-License-Identifier: GPL-2.0-only
/*
 * Size classes on top of slab.c, and what lies above them. Follows mm/slab_common.c of 6.1:
 *
 *	0		ZERO_SIZE_PTR, asked of nobody
 *	1..8192		caches kmalloc-8 .. kmalloc-8k with 96 and 192; four types by gfp
 *	..4 MiB		whole compound pages
 *
 * Every object's guard starts at the size that was asked for, not at the class's size. ksize() and
 * krealloc() move it. A large block is guarded for KF_LARGE_GUARD bytes after its size, as far as the block
 * reaches. Where the kernel would have zeroed the whole bucket, bytes that the caller comes to own later
 * by ksize() or krealloc() are zero too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/state.h"

#define KF_LARGE_GUARD 256u
#define FIRST_INDEX    1u
#define LAST_INDEX     (KF_PAGE_SHIFT + 1u)

static const char *const prefixes[KF_NR_KMALLOC_TYPES] = {
	[KF_KMALLOC_NORMAL] = "kmalloc-",
	[KF_KMALLOC_CGROUP] = "kmalloc-cg-",
	[KF_KMALLOC_RECLAIM] = "kmalloc-rcl-",
	[KF_KMALLOC_DMA] = "dma-kmalloc-",
};

static const u32 type_flags[KF_NR_KMALLOC_TYPES] = {
	[KF_KMALLOC_RECLAIM] = KF_SLAB_RECLAIM_ACCOUNT,
	[KF_KMALLOC_DMA] = KF_SLAB_CACHE_DMA,
};

static size_t class_size(unsigned index)
{
	return index == 1 ? 96 : index == 2 ? 192 : (size_t)1 << index;
}

static struct kf_cache *create_class(enum kf_kmalloc_type type, unsigned index)
{
	size_t size = class_size(index), align = index < 3 ? 8 : size;
	char name[32];

	if (size < 1024)
		snprintf(name, sizeof(name), "%s%zu", prefixes[type], size);
	else
		snprintf(name, sizeof(name), "%s%zuk", prefixes[type], size / 1024);
	return kf_cache_create(name, size, align, type_flags[type], NULL);
}

/* The kernel's own caches are no driver's request: hooks are out of force while they are made. */
int kf_slab_init(void)
{
	struct kf_hooks callers = kf_hooks;
	int err = 0;

	kf_hooks_reset();
	for (int type = 0; type < KF_NR_KMALLOC_TYPES; type++)
		for (unsigned i = FIRST_INDEX; i <= LAST_INDEX; i++) {
			struct kf_cache *cache = create_class(type, i);

			kf_state()->slab.kmalloc[type][i] = cache;
			if (!cache)
				err = -ENOMEM;
		}
	kf_hooks = callers;
	return err;
}

struct kf_cache *kf_kmalloc_cache(enum kf_kmalloc_type type, unsigned index)
{
	if (type >= KF_NR_KMALLOC_TYPES || index < FIRST_INDEX || index > LAST_INDEX)
		return NULL;
	return kf_state()->slab.kmalloc[type][index];
}

static unsigned class_index(size_t size)
{
	if (size <= 8)
		return 3;
	if (size > 64 && size <= 96)
		return 1;
	if (size > 128 && size <= 192)
		return 2;
	return 64 - (unsigned)__builtin_clzll(size - 1);
}

static enum kf_kmalloc_type class_type(u32 gfp)
{
	if (!(gfp & (KF_GFP_DMA | KF_GFP_RECLAIMABLE | KF_GFP_ACCOUNT)))
		return KF_KMALLOC_NORMAL;
	if (gfp & KF_GFP_DMA)
		return KF_KMALLOC_DMA;
	return gfp & KF_GFP_RECLAIMABLE ? KF_KMALLOC_RECLAIM : KF_KMALLOC_CGROUP;
}

size_t kf_kmalloc_size_roundup(size_t size)
{
	if (!size)
		return 0;
	if (size <= KF_KMALLOC_MAX_CACHE_SIZE)
		return class_size(class_index(size));
	return size > KF_KMALLOC_MAX_SIZE ? size : KF_PAGE_SIZE << kf_order_of(size);
}

/* ---- large blocks ------------------------------------------------------------------------------------- */

static size_t large_guard(size_t size, unsigned order)
{
	size_t rest = (KF_PAGE_SIZE << order) - size;

	return rest < KF_LARGE_GUARD ? rest : KF_LARGE_GUARD;
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
	if (!kf_permitted(&req))
		return NULL;
	page = kf_pages_take(gfp | KF_GFP_COMP, req.order, KF_KMALLOC_LARGE);
	if (!page)
		return NULL;
	p = kf_page_address(page);
	memset(p + size, KF_BYTE_GUARD, large_guard(size, req.order));
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
static struct kf_frame *large_at(const void *p)
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

static void check_large(const struct kf_frame *frame, void *p)
{
	size_t n = large_guard(frame->size, frame->order);
	struct kf_object obj;

	kf_frame_fill_object(kf_virt_to_phys(p) >> KF_PAGE_SHIFT, frame, &obj);
	kf_check_bytes(KF_BUG_REDZONE, (char *)p + frame->size, KF_BYTE_GUARD, n, &obj,
		       "bytes after the requested size were overwritten");
}

static void free_large(struct kf_frame *frame, void *p)
{
	struct page *page = kf_virt_to_page(p);

	check_large(frame, p);
	if (!__atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL))
		kf_release_page(page);
}

/* ---- kmalloc and kfree ---------------------------------------------------------------------------------- */

static bool request_bytes(const struct kf_cache *cache, size_t size, u32 gfp)
{
	struct kf_request req = {.kind = KF_SLAB, .size = size, .gfp = gfp, .cache = cache};

	if (gfp & (KF_GFP_DMA32 | KF_GFP_HIGHMEM))
		kf_tell(KF_BUG_WARN, NULL, NULL, cache,
			"Unexpected gfp: zone bits that a slab ignores");
	return kf_permitted(&req);
}

void *kf_kmalloc_trace(struct kf_cache *cache, u32 gfp, size_t size)
{
	if (!request_bytes(cache, size, gfp))
		return NULL;
	return kf_ops(cache)->alloc(cache, gfp, size);
}

void *kf_kmalloc(size_t size, u32 gfp)
{
	if (size > KF_KMALLOC_MAX_CACHE_SIZE)
		return alloc_large(size, gfp);
	if (!size)
		return KF_ZERO_SIZE_PTR;
	return kf_kmalloc_trace(kf_state()->slab.kmalloc[class_type(gfp)][class_index(size)], gfp,
				size);
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
	if (obj.kind != KF_KMALLOC_LARGE)
		kf_tell(KF_BUG_WRONG_FAMILY, p, &obj, NULL,
			"kfree of memory that kmalloc did not give");
	else if (p != obj.addr)
		kf_tell(KF_BUG_INVALID_FREE, p, &obj, NULL, "freed an address inside an object");
	else
		kf_tell(KF_BUG_DOUBLE_FREE, p, &obj, NULL, "freed an object that is free");
}

void kf_kfree(const void *object)
{
	struct kf_slab *slab;
	struct kf_frame *large;

	if (KF_ZERO_OR_NULL(object))
		return;
	slab = kf_slab_at(object);
	if (slab) {
		kf_ops(slab->cache)->free(slab, object);
		return;
	}
	large = large_at(object);
	if (large)
		free_large(large, (void *)object);
	else
		tell_foreign(object);
}

/* ---- ksize and krealloc ------------------------------------------------------------------------------------ */

/* A live kmalloc object: where its requested size is kept, and its bucket. */
struct bucket {
	struct kf_slab *slab; /* one of these two */
	struct kf_frame *frame;
	size_t size, usable;
	u32 gfp;
};

static bool find_bucket(const void *p, struct bucket *b)
{
	struct kf_slab *slab = kf_slab_at(p);
	struct kf_object obj;

	*b = (struct bucket){.frame = slab ? NULL : large_at(p)};
	if (b->frame) {
		b->size = b->frame->size;
		b->usable = KF_PAGE_SIZE << b->frame->order;
		b->gfp = b->frame->gfp;
		return true;
	}
	if (!slab || !kf_ops(slab->cache)->object(slab, p, &obj) || obj.addr != p || !obj.live)
		return false;
	b->slab = slab;
	b->size = obj.size;
	b->usable = obj.usable;
	b->gfp = obj.gfp;
	return true;
}

static void resize(const void *p, struct bucket *b, size_t size)
{
	char *bytes = (char *)p;

	if (b->slab) {
		kf_ops(b->slab->cache)->resize(b->slab, p, size);
		return;
	}
	check_large(b->frame, bytes);
	if (size > b->size && b->gfp & KF_GFP_ZERO)
		memset(bytes + b->size, 0, size - b->size);
	memset(bytes + size, KF_BYTE_GUARD, large_guard(size, b->frame->order));
	b->frame->size = (u32)size;
}

size_t kf_ksize(const void *object)
{
	struct bucket b;

	if (KF_ZERO_OR_NULL(object))
		return 0;
	if (!find_bucket(object, &b)) {
		kf_tell(KF_BUG_WARN, object, NULL, NULL, "ksize of no live kmalloc object");
		return 0;
	}
	if (b.size != b.usable)
		resize(object, &b, b.usable);
	return b.usable;
}

static void *move_object(const void *old, const struct bucket *b, size_t size, u32 gfp)
{
	size_t kept = b->size < size ? b->size : size;
	size_t bucket = b->usable < size ? b->usable : size;
	char *p = kf_kmalloc(size, gfp);

	if (!p)
		return NULL;
	memcpy(p, old, kept);
	if (bucket > kept && b->gfp & KF_GFP_ZERO)
		memset(p + kept, 0, bucket - kept);
	kf_kfree(old);
	return p;
}

void *kf_krealloc(const void *object, size_t size, u32 gfp)
{
	struct bucket b;

	if (!size) {
		kf_kfree(object);
		return KF_ZERO_SIZE_PTR;
	}
	if (KF_ZERO_OR_NULL(object))
		return kf_kmalloc(size, gfp);
	if (!find_bucket(object, &b)) {
		struct kf_object obj;
		bool known = kf_object_at(object, &obj);

		kf_tell(known && !obj.live ? KF_BUG_DOUBLE_FREE : KF_BUG_INVALID_FREE, object,
			known ? &obj : NULL, NULL, "krealloc of no live kmalloc object");
		return NULL;
	}
	if (size > b.usable)
		return move_object(object, &b, size, gfp);
	if (size != b.size)
		resize(object, &b, size);
	return (void *)object;
}

unsigned kf_slab_check_object(const void *object)
{
	struct kf_slab *slab = kf_slab_at(object);
	struct kf_object obj;

	if (!slab || !kf_ops(slab->cache)->object(slab, object, &obj))
		return 0;
	return kf_ops(slab->cache)->check(slab, obj.addr);
}
