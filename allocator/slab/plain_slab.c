// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain caches, the side of the slabs: batches of objects are taken from partial slabs and given back to theirs, in
 * one hold of the cache's lock each; and how a slab is laid out, started and stopped. Follows calculate_sizes(),
 * shuffle_freelist(), get_partial_node() and the rule of min_partial in __slab_free() of mm/slub.c 6.1.
 *
 *	slab   [ object 0 | object 1 | ... ]  stride: object_size rounded up to 8 and to the alignment
 *	link   at the start of a free object; in its middle with slub_hardened, as SLUB has it; behind it for caches
 *	       whose free objects keep their content (constructor, TYPESAFE_BY_RCU)
 *
 * Objects from `fresh` on were never used and are in no list; they are handed out in order of address, so that a
 * batch lies together. Constructors run once, when a slab is made.
 */
#include "plain_list.h"

/* ---- one slab --------------------------------------------------------------------------------------- */
static void *take_from_slab(struct kf_slab *slab)
{
	void *object = kf_link_pop(slab->cache, &slab->freelist);

	if (!object && slab->fresh < slab->objects)
		object = kf_slab_address(slab, slab->fresh++);
	if (!object)
		return NULL;
	slab->inuse++;
	slab->allocs++;
	return object;
}

/* Up to n objects of a slab onto the list; those never used lowest address first. */
static unsigned take_some(struct kf_slab *slab, void **list, unsigned n)
{
	unsigned fresh = slab->objects - slab->fresh, got = 0;
	void *object;

	if (!slab->freelist) {
		n = n < fresh ? n : fresh;
		for (unsigned i = n; i; i--)
			kf_link_push(slab->cache, list, kf_slab_address(slab, slab->fresh + i - 1));
		slab->fresh += (u16)n;
		slab->inuse += (u16)n;
		slab->allocs += n;
		return n;
	}
	for (; got < n && (object = take_from_slab(slab)); got++)
		kf_link_push(slab->cache, list, object);
	return got;
}

/* ---- all slabs of a cache --------------------------------------------------------------------------- */

/* Under the cache's lock. */
static void place(struct kf_cache *cache, struct kf_slab *slab)
{
	bool full = slab->inuse == slab->objects;

	slab->where = KF_SLAB_FULL;
	if (full)
		return;
	kf_partial_add(cache, slab);
}

static void leave_partial(struct kf_cache *cache, struct kf_slab *slab)
{
	kf_list_del(&slab->link);
	cache->nr_partial--;
}

static unsigned take_from_partial(struct kf_cache *cache, void **list, unsigned n)
{
	unsigned got = 0;

	kf_lock(&cache->lock);
	while (got < n && !kf_list_empty(&cache->partial)) {
		struct kf_slab *slab = kf_container(cache->partial.next, struct kf_slab, link);

		got += take_some(slab, list, n - got);
		if (slab->inuse < slab->objects)
			break;
		leave_partial(cache, slab);
		slab->where = KF_SLAB_FULL;
	}
	kf_unlock(&cache->lock);
	return got;
}

static unsigned take_from_new(struct kf_cache *cache, u32 gfp, void **list, unsigned n)
{
	struct kf_slab *slab = kf_slab_new(cache, gfp);
	unsigned got;

	if (!slab)
		return 0;
	kf_lock(&cache->lock);
	got = take_some(slab, list, n);
	place(cache, slab);
	kf_unlock(&cache->lock);
	return got;
}

/* Put between 1 and n objects on an empty list; false: no memory. */
bool kf_plain_take(struct kf_cache *cache, u32 gfp, void **list, unsigned n)
{
	return take_from_partial(cache, list, n) || take_from_new(cache, gfp, list, n);
}

/* After a push, under the cache's lock. True: the slab is on no list any more, give its pages back. */
static bool settle(struct kf_cache *cache, struct kf_slab *slab)
{
	if (slab->where == KF_SLAB_FULL)
		place(cache, slab);
	if (slab->inuse || cache->nr_partial <= cache->min_partial)
		return false;
	leave_partial(cache, slab);
	slab->where = KF_SLAB_NOWHERE;
	return true;
}

/* Give all objects of a list back to their slabs. */
void kf_plain_put(struct kf_cache *cache, void *list)
{
	struct kf_list empty;
	void *object;

	kf_list_init(&empty);
	kf_lock(&cache->lock);
	while ((object = kf_link_pop(cache, &list))) {
		struct kf_slab *slab = kf_slab_at(object);

		kf_link_push(cache, &slab->freelist, object);
		slab->inuse--;
		slab->frees++;
		if (settle(cache, slab))
			kf_list_add_tail(&slab->link, &empty);
	}
	kf_unlock(&cache->lock);
	while (!kf_list_empty(&empty)) {
		struct kf_slab *slab = kf_container(empty.next, struct kf_slab, link);

		kf_list_del(&slab->link);
		kf_slab_discard(slab);
	}
}

/* ---- the life of a slab ----------------------------------------------------------------------------- */

/* Where a sequence of random numbers for this cache starts: the same in each world with the same seed. */
static u64 random_start(const struct kf_cache *cache, u64 salt)
{
	u64 x = kf_settings()->seed + 0x9e3779b97f4a7c15ull * (cache->id + 1) + salt;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* calculate_sizes() of mm/slub.c. */
void kf_plain_lay_out(struct kf_cache *cache)
{
	u32 size = (u32)kf_align_up(cache->room, 8);

	cache->free_offset = kf_settings()->slub_hardened ? cache->object_size / 2 & ~7u : 0;
	if (cache->ctor || cache->flags & KF_SLAB_TYPESAFE_BY_RCU) {
		cache->free_offset = size;
		size += 8;
	}
	cache->first = 0;
	cache->stride = (u32)kf_align_up(size, cache->align);
	cache->tail = cache->stride - cache->room;
	if (kf_settings()->slub_hardened)
		cache->random = random_start(cache, 0) | 1;
}

static void note_frames(const struct kf_slab *slab, unsigned slot)
{
	u64 pfn = kf_virt_to_phys(slab->base) >> KF_PAGE_SHIFT;
	u16 *slot_of = kf_state()->slab.plain_slot_of;

	for (u64 i = 0; i < 1ull << slab->order; i++)
		slot_of[pfn + i] = (u16)slot;
}

/* Put all objects on the slab's list in random order: shuffle_freelist() of mm/slub.c. */
static bool shuffle(struct kf_slab *slab)
{
	u64 state = random_start(slab->cache, (u64)(slab->base - (char *)kf_phys_to_virt(0))) | 1;
	size_t bytes = slab->objects * sizeof(u16);
	u16 *order = kf_meta_alloc(bytes);

	if (!order)
		return false;
	for (unsigned i = 1; i < slab->objects; i++) {
		unsigned other = (unsigned)(next_random(&state) % (i + 1));

		order[i] = order[other];
		order[other] = (u16)i;
	}
	for (unsigned i = 0; i < slab->objects; i++)
		kf_link_push(slab->cache, &slab->freelist, kf_slab_address(slab, order[i]));
	slab->fresh = slab->objects;
	kf_meta_free(order, bytes);
	return true;
}

bool kf_plain_start(struct kf_slab *slab)
{
	slab->freelist = NULL;
	slab->fresh = 0;
	slab->where = KF_SLAB_NOWHERE;
	if (kf_settings()->slub_random && !shuffle(slab))
		return false;
	for (unsigned i = 0; slab->cache->ctor && i < slab->objects; i++)
		kf_slab_construct(slab->cache, kf_slab_address(slab, i));
	if (!slab->cache->free_offset)
		note_frames(slab, kf_plain_slot(slab->cache));
	return true;
}

void kf_plain_stop(struct kf_slab *slab)
{
	note_frames(slab, 0);
}
