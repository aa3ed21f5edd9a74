// SPDX-License-Identifier: GPL-2.0-only
/*
 * ksize() and krealloc(): how much room an object has, and using it. Follows mm/slab_common.c of 6.1.
 *
 * Both move an object's guard: whoever asks for the size of the bucket may use all of it, and krealloc() within
 * the bucket keeps the object where it is. Where the kernel would have zeroed the whole bucket, bytes that
 * the caller comes to own later in this way are zero too.
 */
#include <string.h>

#include "../core/state.h"

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

	*b = (struct bucket){.frame = slab ? NULL : kf_large_at(p)};
	if (b->frame) {
		b->size = b->frame->size;
		b->usable = kf_large_room(p, b->frame->size, b->frame->order);
		b->gfp = b->frame->gfp;
		return true;
	}
	if (slab && slab->kind == KF_SLAB_PLAIN) { /* whether it is live would be a long search */
		b->slab = slab;
		b->size = b->usable = slab->cache->object_size;
		return true;
	}
	if (!slab || !kf_ops_of(slab)->object(slab, p, &obj) || obj.addr != p || !obj.live)
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
		kf_ops_of(b->slab)->resize(b->slab, p, size);
		return;
	}
	kf_large_check(b->frame, bytes);
	if (size > b->size)
		kf_tell_bytes(bytes + b->size, size - b->size, KF_BYTES_NEW);
	if (size > b->size && b->gfp & KF_GFP_ZERO)
		memset(bytes + b->size, 0, size - b->size);
	kf_tell_bytes(bytes + size, b->usable - size, KF_BYTES_KNOWN);
	kf_fence_trim(kf_virt_to_phys(p) >> KF_PAGE_SHIFT, b->frame->order, size);
	memset(bytes + size, KF_BYTE_GUARD, kf_large_guard(p, size, b->frame->order));
	kf_tell_bytes(bytes + size, b->usable - size, KF_BYTES_NOBODYS);
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
	/* All of the old bucket is copied, also over zeros that __GFP_ZERO has made. */
	memcpy(p, old, bucket);
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

	if (!slab || !kf_ops_of(slab)->object(slab, object, &obj))
		return 0;
	return kf_ops_of(slab)->check(slab, obj.addr);
}
