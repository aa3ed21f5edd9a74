// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmem_cache_alloc() and its kin: asking the hooks, and leaving the rest to the cache's kind (guarded.c,
 * plain.c, debug.c). Follows mm/slab.h and mm/slub.c of 6.1 in what a caller can see.
 */
#include "../core/gfp.h"
#include "../core/state.h"
#include "plain.h"

#define BITS_MASK 0x7ffffffu /* __GFP_BITS_MASK */

/* kmalloc_fix_flags() of mm/slab_common.c; the kernel does it only when a slab is made, here every time. */
u32 kf_fix_gfp(u32 gfp)
{
	u32 bad = gfp & (KF_GFP_DMA32 | KF_GFP_HIGHMEM | ~BITS_MASK);
	char bad_text[GFP_TEXT_MAX], text[GFP_TEXT_MAX];

	if (!bad)
		return gfp;
	gfp &= ~bad;
	if (kf_logging())
		kf_log(4, "Unexpected gfp: %#x (%s). Fixing up to gfp: %#x (%s). Fix your code!",
		       bad, gfp_to_text(bad, bad_text, sizeof(bad_text)), gfp,
		       gfp_to_text(gfp, text, sizeof(text)));
	return gfp;
}

static bool request_object(struct kf_cache *cache, u32 gfp)
{
	struct kf_request req = {
		.kind = KF_SLAB, .size = cache->object_size, .gfp = gfp, .cache = cache};

	if (!cache->live) {
		kf_tell(KF_BUG_WARN, cache, NULL, cache, "allocation from a destroyed cache");
		return false;
	}
	if (cache->kind == KF_SLAB_PLAIN)
		return true;
	if (cache->ctor && gfp & KF_GFP_ZERO)
		kf_tell(KF_BUG_WARN, cache, NULL, cache, "__GFP_ZERO for a cache with constructor");
	return kf_permitted(&req);
}

void *kf_cache_alloc(struct kf_cache *cache, u32 gfp)
{
	void *object = kf_plain_cache_alloc(cache, gfp);

	if (object)
		return object;
	if (!request_object(cache, gfp))
		return NULL;
	gfp = kf_fix_gfp(gfp);
	return kf_ops(cache)->alloc(cache, gfp, cache->object_size);
}

void kf_cache_free(struct kf_cache *cache, void *object)
{
	struct kf_slab *slab;

	if (kf_plain_cache_free(cache, object))
		return;
	slab = kf_slab_at(object);
	if (!slab) {
		struct kf_object obj;
		bool known = kf_object_at(object, &obj);

		kf_tell(known ? KF_BUG_WRONG_FAMILY : KF_BUG_INVALID_FREE, object,
			known ? &obj : NULL, cache, "kmem_cache_free of something not from a slab");
		return;
	}
	if (slab->cache != cache) {
		struct kf_object obj;
		bool known = kf_ops_of(slab)->object(slab, object, &obj);

		kf_tell(KF_BUG_WRONG_CACHE, object, known ? &obj : NULL, cache,
			"kmem_cache_free with another cache than the object's");
		if (slab->cache->pool)
			return;
	}
	kf_ops_of(slab)->free(slab, object);
}

size_t kf_cache_alloc_bulk(struct kf_cache *cache, u32 gfp, size_t n, void **objects)
{
	if (!request_object(cache, gfp))
		return 0;
	gfp = kf_fix_gfp(gfp);
	for (size_t i = 0; i < n; i++) {
		objects[i] = kf_ops(cache)->alloc(cache, gfp, cache->object_size);
		if (objects[i])
			continue;
		kf_cache_free_bulk(cache, i, objects);
		return 0;
	}
	return n;
}

void kf_cache_free_bulk(struct kf_cache *cache, size_t n, void **objects)
{
	for (size_t i = 0; i < n; i++) {
		if (cache)
			kf_cache_free(cache, objects[i]);
		else
			kf_kfree(objects[i]);
	}
}
