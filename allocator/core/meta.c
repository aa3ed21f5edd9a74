// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for bookkeeping: handed out from the meta region, lowest address first, and reused by size. Pieces
 * up to 4 KiB are multiples of 64 bytes, larger ones powers of two. A free piece holds the link to the
 * next free one of its size in its first word. Everything is zeroed when handed out.
 *
 * The region is sparse host memory, so generous arrays cost nothing until they are touched.
 */
#include <string.h>

#include "state.h"

#define SMALL_STEP 64u
#define SMALL_MAX  4096u

void kf_meta_init(struct kf_meta *meta, u64 start, u64 end)
{
	memset(meta, 0, sizeof(*meta));
	meta->next = kf_align_up(start, KF_PAGE_SIZE);
	meta->end = end;
}

/* The size that a piece really has, and the list that it is kept on. */
static size_t piece_size(struct kf_meta *meta, size_t size, void ***list)
{
	unsigned shift;

	if (size <= SMALL_MAX) {
		size = size ? kf_align_up(size, SMALL_STEP) : SMALL_STEP;
		*list = &meta->small[size / SMALL_STEP];
		return size;
	}
	shift = 64 - (unsigned)__builtin_clzll(size - 1);
	*list = &meta->large[shift];
	return (size_t)1 << shift;
}

static void *carve(struct kf_meta *meta, size_t size)
{
	/* A piece that fits into one page stays inside one, so that using it dirties one page. */
	u64 room = KF_PAGE_SIZE - (meta->next & (KF_PAGE_SIZE - 1));
	u64 at = size > room ? kf_align_up(meta->next, KF_PAGE_SIZE) : meta->next;

	if (at + size > meta->end)
		return NULL;
	__atomic_store_n(&meta->next, at + size, __ATOMIC_RELAXED); /* kf_cache_object() looks */
	return (void *)at;
}

void *kf_meta_alloc(size_t size)
{
	struct kf_meta *meta = &kf_state()->meta;
	bool used = false;
	void **list, *p;

	if (size > (size_t)1 << 38)
		return NULL;
	kf_lock(&meta->lock);
	size = piece_size(meta, size, &list);
	p = *list;
	if (p) {
		memcpy(list, p, sizeof(*list));
		used = true;
	} else {
		p = carve(meta, size);
	}
	kf_unlock(&meta->lock);
	if (used)
		memset(p, 0, size);
	return p;
}

void kf_meta_free(void *p, size_t size)
{
	struct kf_meta *meta = &kf_state()->meta;
	void **list;

	if (!p)
		return;
	kf_lock(&meta->lock);
	piece_size(meta, size, &list);
	memcpy(p, list, sizeof(*list));
	*list = p;
	kf_unlock(&meta->lock);
}

void *kf_meta_frontier(void)
{
	return (void *)kf_state()->meta.next;
}
