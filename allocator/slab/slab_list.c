// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of partial slabs of a cache, and the rule for empty slabs. Follows get_partial_node(), add_partial()
 * and the end of __slab_free() of mm/slub.c 6.1: an empty slab is kept while the list has fewer than
 * min_partial others, else it is given back.
 *
 * Locks: the slab's before the cache's. A slab is on the list exactly while it is PARTIAL.
 */
#include "../core/state.h"

void kf_partial_add(struct kf_cache *cache, struct kf_slab *slab)
{
	kf_list_add_tail(&slab->link, &cache->partial);
	cache->nr_partial++;
	kf_slab_set_where(slab, KF_SLAB_PARTIAL);
}

static void take_off(struct kf_cache *cache, struct kf_slab *slab, enum kf_slab_where to)
{
	kf_list_del(&slab->link);
	cache->nr_partial--;
	kf_slab_set_where(slab, to);
}

/* Whoever takes a slab off the list will want the next one: its header may be in nobody's caches. */
static void ask_for_first(const struct kf_cache *cache)
{
	const char *slab = (const char *)kf_container(cache->partial.next, struct kf_slab, link);

	for (size_t i = 0; i < sizeof(struct kf_slab); i += 64)
		__builtin_prefetch(slab + i, 1);
}

/* Under the cache's lock. The list is in the order in which slabs came to it: who is not near its start is not old either. */
#define LOOKED_AT 8u
static struct kf_slab *first_fit(const struct kf_cache *cache,
				 bool (*fits)(const struct kf_slab *slab))
{
	const struct kf_list *at = cache->partial.next;

	for (unsigned i = 0; i < LOOKED_AT && at != &cache->partial; i++, at = at->next) {
		struct kf_slab *slab = kf_container((struct kf_list *)at, struct kf_slab, link);

		if (!fits || fits(slab))
			return slab;
	}
	return NULL;
}

struct kf_slab *kf_partial_take(struct kf_cache *cache, unsigned cpu,
				bool (*fits)(const struct kf_slab *slab))
{
	struct kf_slab *slab;

	kf_lock(&cache->lock);
	slab = first_fit(cache, fits);
	if (slab) {
		__atomic_store_n(&slab->cpu, (u16)cpu, __ATOMIC_RELAXED);
		take_off(cache, slab, KF_SLAB_ON_CPU);
		ask_for_first(cache);
	}
	kf_unlock(&cache->lock);
	return slab;
}

bool kf_partial_settle(struct kf_cache *cache, struct kf_slab *slab)
{
	bool empty = !slab->inuse, discard = false;

	if (kf_slab_where(slab) == KF_SLAB_ON_CPU ||
	    (kf_slab_where(slab) == KF_SLAB_PARTIAL && !empty))
		return false;
	kf_lock(&cache->lock);
	if (kf_slab_where(slab) == KF_SLAB_FULL) {
		discard = empty && cache->nr_partial >= cache->min_partial;
		if (discard) {
			kf_slab_set_where(slab, KF_SLAB_NOWHERE);
		} else {
			kf_partial_add(cache, slab);
			kf_count(cache, KF_FREE_ADD_PARTIAL);
		}
	} else if (kf_slab_where(slab) == KF_SLAB_PARTIAL &&
		   cache->nr_partial > cache->min_partial) {
		discard = true;
		take_off(cache, slab, KF_SLAB_NOWHERE);
		kf_count(cache, KF_FREE_REMOVE_PARTIAL);
	}
	kf_unlock(&cache->lock);
	return discard;
}

struct kf_slab *kf_partial_take_empty(struct kf_cache *cache)
{
	struct kf_slab *found = NULL;

	kf_lock(&cache->lock);
	for (struct kf_list *at = cache->partial.next; at != &cache->partial && !found;
	     at = at->next) {
		struct kf_slab *slab = kf_container(at, struct kf_slab, link);

		if (!kf_slab_inuse(slab))
			found = slab;
	}
	if (found)
		take_off(cache, found, KF_SLAB_NOWHERE);
	kf_unlock(&cache->lock);
	return found;
}

/*
 * __kmem_cache_do_shrink(): slabs with few free objects come first, so that the emptier ones get a chance to
 * become empty. Slabs with SORTED or more free objects stay where they are, behind.
 */
#define SORTED 32u
void kf_partial_sort(struct kf_cache *cache)
{
	struct kf_list sorted[SORTED];

	for (unsigned i = 0; i < SORTED; i++)
		kf_list_init(&sorted[i]);
	kf_lock(&cache->lock);
	for (struct kf_list *at = cache->partial.next, *next; at != &cache->partial; at = next) {
		struct kf_slab *slab = kf_container(at, struct kf_slab, link);
		unsigned free = slab->objects - kf_slab_inuse(slab);

		next = at->next;
		if (free > SORTED)
			continue;
		kf_list_del(at);
		kf_list_add_tail(at, &sorted[free ? free - 1 : 0]);
	}
	for (unsigned i = SORTED; i-- > 0;)
		while (!kf_list_empty(&sorted[i])) {
			struct kf_list *last = sorted[i].prev;

			kf_list_del(last);
			kf_list_add(last, &cache->partial);
		}
	kf_unlock(&cache->lock);
}
