// SPDX-License-Identifier: GPL-2.0-only
/*
 * The barn of a plain cache: full batches on their way from one CPU to another. It is what the shared array is in
 * mm/slab.c of 6.1 (and what sheaves became in later kernels), but producer and consumer exchange a whole list by one
 * pointer. The newest batch goes first, as it is most likely in somebody's cache.
 */
#include "plain_list.h"

void *kf_barn_take(struct kf_barn *barn)
{
	void *list = NULL;

	if (!__atomic_load_n(&barn->nr, __ATOMIC_RELAXED))
		return NULL;
	kf_lock(&barn->lock);
	if (barn->nr) {
		list = barn->full[barn->nr - 1];
		__atomic_store_n(&barn->nr, barn->nr - 1, __ATOMIC_RELAXED);
	}
	kf_unlock(&barn->lock);
	return list;
}

bool kf_barn_put(struct kf_barn *barn, void *list)
{
	bool room;

	kf_lock(&barn->lock);
	room = barn->nr < KF_BARN_MAX;
	if (room) {
		barn->full[barn->nr] = list;
		__atomic_store_n(&barn->nr, barn->nr + 1, __ATOMIC_RELAXED);
	}
	kf_unlock(&barn->lock);
	return room;
}

void kf_barn_empty(struct kf_cache *cache)
{
	void *list;

	while ((list = kf_barn_take(&cache->barn)))
		kf_plain_put(cache, list);
}
