// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of shrinkers, and how much each is asked for. Follows shrink_slab() and do_shrink_slab() of mm/vmscan.c
 * of 6.1, word by word in its arithmetic:
 *
 *	delta      = (freeable >> priority) * 4 / seeks		what this round is about
 *	total_scan = (deferred >> priority) + delta		and a share of what was put off, at most 2 * freeable
 *
 * in calls of `batch` objects; a rest below a batch is put off, unless it is all that the shrinker has.
 *
 * Lock: shrinkers_lock, the kernel's shrinker_rwsem. A reclaimer only tries to get it; it is held while shrinkers
 * run, which is what the kernel does, so it is no lock that a hook is called with: shrinkers may allocate and free.
 */
#include "shrinker.h"

#include "base.h"

static u32 *lock_word(void)
{
	return &kf_state()->page.shrinkers_lock;
}

/* A CPU that runs shrinkers leaves its number in the lock; others leave 1. */
static u32 owner(void)
{
	return kf_cpu() + 2;
}

static bool try_lock(void)
{
	u32 nobody = 0;

	return __atomic_compare_exchange_n(lock_word(), &nobody, owner(), false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/* False, and told: the list is in use by the caller's own shrinker. */
static bool lock_list(void)
{
	if (kf_cpu() != KF_NO_CPU && __atomic_load_n(lock_word(), __ATOMIC_RELAXED) == owner()) {
		kf_tell(KF_BUG_CONTEXT, NULL, NULL, NULL,
			"the list of shrinkers was changed by a shrinker: the kernel waits for "
			"itself");
		return false;
	}
	kf_lock(lock_word());
	return true;
}

bool kf_shrinkers_busy(void)
{
	return __atomic_load_n(lock_word(), __ATOMIC_RELAXED);
}

void kf_shrinker_add(struct kf_shrinker *shrinker)
{
	if (!lock_list())
		return;
	kf_list_add_tail(&shrinker->list, &kf_state()->page.shrinkers);
	kf_unlock(lock_word());
}

void kf_shrinker_del(struct kf_shrinker *shrinker)
{
	if (!lock_list())
		return;
	kf_list_del(&shrinker->list);
	kf_unlock(lock_word());
}

static void trace(enum kf_event_kind kind, const struct kf_shrink_event *shrink, u32 gfp, u64 value)
{
	const struct kf_event event = {.kind = kind, .shrink = shrink, .gfp = gfp, .value = value};

	if (kf_tracing)
		kf_hooks.event(&event);
}

static s64 least(s64 a, s64 b)
{
	return a < b ? a : b;
}

static s64 work_of(const struct kf_shrinker *shrinker, s64 freeable, int priority)
{
	return shrinker->seeks ? (freeable >> priority) * 4 / shrinker->seeks : freeable / 2;
}

/* Call after call while there is a batch to scan, or all that there is; what was scanned, and freed. */
static s64 scan(struct kf_shrinker *shrinker, struct kf_shrink_control *sc, s64 freeable, s64 total,
		unsigned long *freed)
{
	s64 batch = shrinker->batch ? shrinker->batch : KF_SHRINK_BATCH, scanned = 0;

	while (total >= batch || total >= freeable) {
		unsigned long done;

		sc->nr_to_scan = sc->nr_scanned = (unsigned long)least(batch, total);
		done = shrinker->scan_objects(shrinker, sc);
		if (done == KF_SHRINK_STOP)
			break;
		*freed += done;
		total -= (s64)sc->nr_scanned;
		scanned += (s64)sc->nr_scanned;
		/* The kernel would go on for ever with a shrinker that looks at nothing. */
		if (!sc->nr_scanned)
			break;
	}
	return scanned;
}

static unsigned long shrink_one(struct kf_shrinker *shrinker, u32 gfp, int priority)
{
	struct kf_shrink_control sc = {.gfp_mask = gfp};
	unsigned long count = shrinker->count_objects(shrinker, &sc), freed = 0;
	struct kf_shrink_event now = {.shrinker = shrinker,
				      .scan_objects = (void (*)(void))shrinker->scan_objects,
				      .priority = priority,
				      .freeable = (s64)count};
	s64 scanned, rest;

	if (!count || count == KF_SHRINK_EMPTY)
		return 0;
	now.deferred = shrinker->nr_deferred ? *shrinker->nr_deferred : 0;
	now.delta = work_of(shrinker, now.freeable, priority);
	now.total = least((now.deferred >> priority) + now.delta, 2 * now.freeable);
	trace(KF_EVENT_SHRINK_SLAB_START, &now, gfp, 0);
	scanned = scan(shrinker, &sc, now.freeable, now.total, &freed);
	rest = now.deferred + now.delta - scanned;
	now.total -= scanned;
	now.next_deferred = least(rest > 0 ? rest : 0, 2 * now.freeable);
	if (shrinker->nr_deferred)
		*shrinker->nr_deferred = now.next_deferred;
	trace(KF_EVENT_SHRINK_SLAB_END, &now, gfp, freed);
	return freed;
}

unsigned long kf_shrink_slab(u32 gfp, int priority)
{
	struct kf_list *head = &kf_state()->page.shrinkers;
	unsigned long freed = 0;

	if (kf_list_empty(head) || !try_lock())
		return 0;
	for (struct kf_list *at = head->next; at != head; at = at->next)
		freed += shrink_one(kf_container(at, struct kf_shrinker, list), gfp, priority);
	kf_unlock(lock_word());
	return freed;
}
