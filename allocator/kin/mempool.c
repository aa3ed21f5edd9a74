// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pools. Follows mm/mempool.c of 6.1.
 *
 *	elements[]   | e | e | e | . | . |      curr_nr 3 of min_nr 5; two are out, or could not be made yet
 *
 * What lies in the reserve is poisoned like a free object of slub (0x6b, and 0xa5 at its end) and checked when it is
 * handed out: the kernel does so with slub_debug, here it is so while the setting `guard` is on. `out` counts the
 * elements that somebody holds, which the kernel does not: a pool that is destroyed before all are back is a leak
 * or, later, a use after free.
 *
 * Elements come from the public interface of the other allocators, so each is a request that can be refused.
 * Lock: pool->lock for the reserve; the source is called without it.
 */
#include "mempool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/state.h"

#define POISON_END 0xa5

/* ---- elements -------------------------------------------------------------------------------------------- */

static void *make_element(const struct kf_mempool *pool, u32 gfp)
{
	switch (pool->kind) {
	case KF_MEMPOOL_SLAB:
		return kf_cache_alloc(pool->pool_data, gfp);
	case KF_MEMPOOL_KMALLOC:
		return kf_kmalloc((size_t)pool->pool_data, gfp);
	case KF_MEMPOOL_PAGES:
		return kf_alloc_pages(gfp, (unsigned)(uintptr_t)pool->pool_data);
	default:
		return pool->alloc(gfp, pool->pool_data);
	}
}

static void free_element(const struct kf_mempool *pool, void *element)
{
	switch (pool->kind) {
	case KF_MEMPOOL_SLAB:
		kf_cache_free(pool->pool_data, element);
		break;
	case KF_MEMPOOL_KMALLOC:
		kf_kfree(element);
		break;
	case KF_MEMPOOL_PAGES:
		kf_free_pages(element, (unsigned)(uintptr_t)pool->pool_data);
		break;
	default:
		pool->free(element, pool->pool_data);
	}
}

/* ---- poison ---------------------------------------------------------------------------------------------- */

/* Where an element's bytes are, and how many; 0: nobody knows. */
static size_t element_bytes(const struct kf_mempool *pool, void *element, u8 **bytes)
{
	*bytes = element;
	switch (pool->kind) {
	case KF_MEMPOOL_SLAB:
		return kf_cache_object_size(pool->pool_data);
	case KF_MEMPOOL_KMALLOC:
		return (size_t)pool->pool_data;
	case KF_MEMPOOL_PAGES:
		*bytes = kf_frame_virt(kf_page_to_pfn(element)); /* of HighMem too */
		return KF_PAGE_SIZE << (uintptr_t)pool->pool_data;
	default:
		return 0;
	}
}

/* In the reserve it is nobody's. */
static void tell_bytes(const struct kf_mempool *pool, void *element, enum kf_bytes state)
{
	size_t size;
	u8 *bytes;

	if (!kf_watched)
		return;
	size = element_bytes(pool, element, &bytes);
	kf_tell_bytes(bytes, size, state);
}

static void poison(const struct kf_mempool *pool, void *element)
{
	u8 *bytes;
	size_t size = kf_settings()->guard ? element_bytes(pool, element, &bytes) : 0;

	if (!size)
		return;
	memset(bytes, KF_BYTE_FREE, size - 1);
	bytes[size - 1] = POISON_END;
	tell_bytes(pool, element, KF_BYTES_NOBODYS);
}

/* poison_error(): the kernel's lines, with eight bytes on each side of the first bad one. */
static void poison_error(const struct kf_mempool *pool, const u8 *bytes, size_t size, size_t bad)
{
	size_t start = bad > 8 ? bad - 8 : 0, end = bad + 8 < size ? bad + 8 : size;
	char text[96] = "";
	int n = 0;

	for (size_t i = start; i < end; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%x ", bytes[i]);
	kf_log(KF_LOG_ERR, "BUG: mempool element poison mismatch");
	kf_log(KF_LOG_ERR, "Mempool %p size %zu", (const void *)pool, size);
	kf_log(KF_LOG_ERR, " nr=%d @ %p: %s0x%s%s", pool->curr_nr, (const void *)bytes,
	       start ? "... " : "", text, end < size ? "..." : "");
	kf_dump_stack(KF_LOG_ERR);
}

static void check_poison(const struct kf_mempool *pool, void *element)
{
	struct kf_object obj = {.addr = NULL};
	struct kf_bug bug = {.kind = KF_BUG_WRITE_AFTER_FREE,
			     .what = "an element in the reserve of a mempool was written to"};
	u8 *bytes;
	size_t size = kf_settings()->guard ? element_bytes(pool, element, &bytes) : 0;
	const u8 *bad;

	if (!size)
		return;
	tell_bytes(pool, element, KF_BYTES_KNOWN);
	bad = kf_first_other(bytes, KF_BYTE_FREE, size - 1);
	if (!bad && bytes[size - 1] != POISON_END)
		bad = bytes + size - 1;
	if (bad) {
		poison_error(pool, bytes, size, (size_t)(bad - bytes));
		if (kf_object_at(bytes, &obj))
			bug.object = obj;
		bug.addr = bad;
		bug.expected = bad == bytes + size - 1 ? POISON_END : KF_BYTE_FREE;
		bug.found = *bad;
		bug.damaged = 1;
		kf_hooks.bug(&bug);
	}
	memset(bytes, 0x5a, size); /* POISON_INUSE */
	tell_bytes(pool, element, KF_BYTES_NEW);
}

/* ---- the reserve: under the lock ------------------------------------------------------------------------- */

static void add_element(struct kf_mempool *pool, void *element)
{
	pool->elements[pool->curr_nr++] = element;
}

static void *take_element(struct kf_mempool *pool)
{
	return pool->curr_nr ? pool->elements[--pool->curr_nr] : NULL;
}

static bool in_reserve(const struct kf_mempool *pool, const void *element)
{
	for (s32 i = 0; i < pool->curr_nr; i++)
		if (pool->elements[i] == element)
			return true;
	return false;
}

/* ---- life ----------------------------------------------------------------------------------------------------- */

static bool source_is_sane(const struct kf_mempool_source *source)
{
	if (source->kind != KF_MEMPOOL_SLAB || !kf_cache_has_ctor(source->pool_data))
		return true;
	kf_tell(KF_BUG_WARN, NULL, NULL, source->pool_data,
		"a mempool on a cache with a constructor: poison and constructor do not agree");
	return true; /* the kernel has a VM_BUG_ON, and goes on without it */
}

static void empty_reserve(struct kf_mempool *pool)
{
	while (pool->curr_nr) {
		void *element = take_element(pool);

		check_poison(pool, element);
		free_element(pool, element);
	}
	kf_kfree(pool->elements);
	pool->elements = NULL;
}

int kf_mempool_init(struct kf_mempool *pool, int min_nr, const struct kf_mempool_source *source,
		    u32 gfp)
{
	source_is_sane(source);
	*pool = (struct kf_mempool){
		.min_nr = min_nr,
		.kind = source->kind,
		.pool_data = source->pool_data,
		.alloc = source->alloc,
		.free = source->free,
	};
	pool->elements = kf_kmalloc((size_t)min_nr * sizeof(void *), gfp);
	if (!pool->elements)
		return -ENOMEM;
	while (pool->curr_nr < min_nr) {
		void *element = make_element(pool, gfp);

		if (!element) {
			empty_reserve(pool);
			return -ENOMEM;
		}
		poison(pool, element);
		add_element(pool, element);
	}
	return 0;
}

void kf_mempool_exit(struct kf_mempool *pool)
{
	if (pool->out)
		kf_tell(KF_BUG_POOL_BUSY, pool, NULL, NULL,
			"a mempool is destroyed while elements of it are not given back");
	pool->out = 0;
	empty_reserve(pool);
}

struct kf_mempool *kf_mempool_create(int min_nr, const struct kf_mempool_source *source, u32 gfp)
{
	struct kf_mempool *pool = kf_kmalloc(sizeof(*pool), gfp | KF_GFP_ZERO);

	if (!pool)
		return NULL;
	if (!kf_mempool_init(pool, min_nr, source, gfp))
		return pool;
	kf_kfree(pool);
	return NULL;
}

void kf_mempool_destroy(struct kf_mempool *pool)
{
	if (!pool)
		return;
	kf_mempool_exit(pool);
	kf_kfree(pool);
}

/* ---- resizing --------------------------------------------------------------------------------------------------- */

static void shrink(struct kf_mempool *pool, int new_min_nr)
{
	kf_lock(&pool->lock);
	while (pool->curr_nr > new_min_nr) {
		void *element = take_element(pool);

		kf_unlock(&pool->lock);
		check_poison(pool, element);
		free_element(pool, element);
		kf_lock(&pool->lock);
	}
	pool->min_nr = new_min_nr;
	kf_unlock(&pool->lock);
}

/* Fill the reserve as far as memory goes. */
static void fill(struct kf_mempool *pool)
{
	kf_lock(&pool->lock);
	while (pool->curr_nr < pool->min_nr) {
		void *element;

		kf_unlock(&pool->lock);
		element = make_element(pool, KF_GFP_KERNEL);
		if (!element)
			return;
		kf_lock(&pool->lock);
		if (pool->curr_nr >= pool->min_nr) { /* somebody gave one back meanwhile */
			kf_unlock(&pool->lock);
			free_element(pool, element);
			return;
		}
		poison(pool, element);
		add_element(pool, element);
	}
	kf_unlock(&pool->lock);
}

int kf_mempool_resize(struct kf_mempool *pool, int new_min_nr)
{
	void **longer, **old;

	if (new_min_nr <= 0) {
		kf_tell(KF_BUG_WARN, pool, NULL, NULL, "mempool_resize() to nothing");
		return -EINVAL;
	}
	if (new_min_nr <= pool->min_nr) {
		shrink(pool, new_min_nr);
		return 0;
	}
	longer = kf_kmalloc((size_t)new_min_nr * sizeof(*longer), KF_GFP_KERNEL);
	if (!longer)
		return -ENOMEM;
	kf_lock(&pool->lock);
	old = pool->elements;
	memcpy(longer, old, (size_t)pool->curr_nr * sizeof(*longer));
	pool->elements = longer;
	pool->min_nr = new_min_nr;
	kf_unlock(&pool->lock);
	kf_kfree(old);
	fill(pool);
	return 0;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

static void *from_reserve(struct kf_mempool *pool)
{
	void *element;

	kf_lock(&pool->lock);
	element = take_element(pool);
	kf_unlock(&pool->lock);
	if (element)
		check_poison(pool, element);
	return element;
}

static void *hand_out(struct kf_mempool *pool, void *element)
{
	if (element)
		__atomic_add_fetch(&pool->out, 1, __ATOMIC_RELAXED);
	return element;
}

static u32 pool_gfp(u32 gfp)
{
	if (gfp & KF_GFP_ZERO)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "mempool_alloc() with __GFP_ZERO");
	return (gfp & ~(u32)KF_GFP_ZERO) | KF_GFP_NOMEMALLOC | KF_GFP_NORETRY | KF_GFP_NOWARN;
}

void *kf_mempool_alloc(struct kf_mempool *pool, u32 gfp)
{
	u32 all = pool_gfp(gfp), now = all & ~(u32)(KF_GFP_DIRECT_RECLAIM | KF_GFP_IO);

	for (unsigned attempt = 0;;) {
		void *element = make_element(pool, now);

		if (!element)
			element = from_reserve(pool);
		if (element)
			return hand_out(pool, element);
		if (now != all) {
			now = all;
			continue;
		}
		if (!(gfp & KF_GFP_DIRECT_RECLAIM))
			return NULL;
		kf_hooks.wait("mempool_alloc", attempt++);
	}
}

void kf_mempool_free(void *element, struct kf_mempool *pool)
{
	bool again = false, kept = false;

	if (!element)
		return;
	kf_lock(&pool->lock);
	again = in_reserve(pool, element);
	kf_unlock(&pool->lock);
	if (again) {
		kf_tell(KF_BUG_DOUBLE_FREE, element, NULL, NULL,
			"mempool_free() of an element that is in the reserve already");
		return;
	}
	if (pool->out)
		__atomic_sub_fetch(&pool->out, 1, __ATOMIC_RELAXED);
	if (pool->curr_nr < pool->min_nr) {
		poison(pool, element);
		kf_lock(&pool->lock);
		kept = pool->curr_nr < pool->min_nr;
		if (kept)
			add_element(pool, element);
		kf_unlock(&pool->lock);
	}
	if (!kept)
		free_element(pool, element);
}
