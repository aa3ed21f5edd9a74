/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of plain caches share (plain.c says how they work together): links between free objects, and the
 * way of a batch of them.
 *
 *	plain.c  CPU's lists  <-->  plain_barn.c  <-->  plain_slab.c		plain_check.c looks at all of them
 *
 * A list is the address of its first object; NULL is the empty list.
 */
#ifndef KFAIL_ALLOCATOR_PLAIN_LIST_H
#define KFAIL_ALLOCATOR_PLAIN_LIST_H

#include "../core/state.h"
#include "plain.h"

/* freelist_ptr() of mm/slub.c: its own inverse. */
static inline u64 kf_link_mix(const struct kf_cache *cache, u64 value, const u64 *at)
{
	if (!cache->random)
		return value;
	return value ^ cache->random ^ __builtin_bswap64((u64)(uintptr_t)at);
}

static inline void *kf_link_next(const struct kf_cache *cache, void *object)
{
	const u64 *at = (const u64 *)((char *)object + cache->free_offset);

	return (void *)(uintptr_t)kf_link_mix(cache, *at, at);
}

static inline void kf_link_push(const struct kf_cache *cache, void **list, void *object)
{
	u64 *at = (u64 *)((char *)object + cache->free_offset);

	*at = kf_link_mix(cache, (u64)(uintptr_t)*list, at);
	*list = object;
}

static inline void *kf_link_pop(const struct kf_cache *cache, void **list)
{
	void *object = *list;

	if (object)
		*list = kf_link_next(cache, object);
	return object;
}

/* The lists of this CPU; only for who knows that it does not use them, or does not mind a stale answer. */
static inline struct kf_cache_cpu *kf_plain_lists(const struct kf_cache *cache, unsigned cpu)
{
	return &kf_state()->slab.plain_cpus[cpu].slot[kf_plain_slot(cache)];
}

/* ---- plain_slab.c ------------------------------------------------------------------------------------- */

/* Put between 1 and n objects on an empty list, of slabs that there are, or a new one. False: no memory. */
bool kf_plain_take(struct kf_cache *cache, u32 gfp, void **list, unsigned n);
/* Give all objects of a list back to their slabs, and pages of slabs that are too many. */
void kf_plain_put(struct kf_cache *cache, void *list);

/* Operations of struct kf_slab_ops. */
void kf_plain_lay_out(struct kf_cache *cache);
bool kf_plain_start(struct kf_slab *slab);
void kf_plain_stop(struct kf_slab *slab);

/* ---- plain_barn.c ------------------------------------------------------------------------------------- */

/* A full batch, or NULL. */
void *kf_barn_take(struct kf_barn *barn);
/* False: the barn is full, the list stays with the caller. */
bool kf_barn_put(struct kf_barn *barn, void *list);
/* Give all batches back to their slabs. */
void kf_barn_empty(struct kf_cache *cache);

/* ---- plain_check.c ------------------------------------------------------------------------------------ */

/* Operations of struct kf_slab_ops: object and validate. */
bool kf_plain_object(const struct kf_slab *slab, const void *addr, struct kf_object *out);
const char *kf_plain_check(const struct kf_slab *slab);

#endif
