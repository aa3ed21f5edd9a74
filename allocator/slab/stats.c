// SPDX-License-Identifier: GPL-2.0-only
/*
 * CONFIG_SLUB_STATS: what happened to a cache, counted per CPU. Follows enum stat_item of
 * include/linux/slub_def.h and the files of /sys/kernel/slab/<cache>/ in mm/slub.c 6.1. The counters exist only
 * with the setting slub_stats; without it, counting is one test of a pointer.
 */
#include "../core/state.h"

static const char *const names[KF_NR_SLAB_EVENTS] = {
	[KF_ALLOC_FASTPATH] = "alloc_fastpath",
	[KF_ALLOC_SLOWPATH] = "alloc_slowpath",
	[KF_FREE_FASTPATH] = "free_fastpath",
	[KF_FREE_SLOWPATH] = "free_slowpath",
	[KF_FREE_FROZEN] = "free_frozen",
	[KF_FREE_ADD_PARTIAL] = "free_add_partial",
	[KF_FREE_REMOVE_PARTIAL] = "free_remove_partial",
	[KF_ALLOC_FROM_PARTIAL] = "alloc_from_partial",
	[KF_ALLOC_SLAB] = "alloc_slab",
	[KF_ALLOC_REFILL] = "alloc_refill",
	[KF_ALLOC_NODE_MISMATCH] = "alloc_node_mismatch",
	[KF_FREE_SLAB] = "free_slab",
	[KF_CPUSLAB_FLUSH] = "cpuslab_flush",
	[KF_DEACTIVATE_FULL] = "deactivate_full",
	[KF_DEACTIVATE_EMPTY] = "deactivate_empty",
	[KF_DEACTIVATE_TO_HEAD] = "deactivate_to_head",
	[KF_DEACTIVATE_TO_TAIL] = "deactivate_to_tail",
	[KF_DEACTIVATE_REMOTE_FREES] = "deactivate_remote_frees",
	[KF_DEACTIVATE_BYPASS] = "deactivate_bypass",
	[KF_ORDER_FALLBACK] = "order_fallback",
	[KF_CMPXCHG_DOUBLE_CPU_FAIL] = "cmpxchg_double_cpu_fail",
	[KF_CMPXCHG_DOUBLE_FAIL] = "cmpxchg_double_fail",
	[KF_CPU_PARTIAL_ALLOC] = "cpu_partial_alloc",
	[KF_CPU_PARTIAL_FREE] = "cpu_partial_free",
	[KF_CPU_PARTIAL_NODE] = "cpu_partial_node",
	[KF_CPU_PARTIAL_DRAIN] = "cpu_partial_drain",
};

static size_t counters_size(void)
{
	return kf_layout()->nr_cpus * KF_NR_SLAB_EVENTS * sizeof(u32);
}

/* Without memory for the counters, the cache is not counted. */
void kf_cache_start_counting(struct kf_cache *cache)
{
	cache->events = kf_meta_alloc(counters_size());
}

void kf_cache_stop_counting(struct kf_cache *cache)
{
	if (cache->events)
		kf_meta_free(cache->events, counters_size());
	cache->events = NULL;
}

void kf_count_event(struct kf_cache *cache, enum kf_slab_event event)
{
	unsigned cpu = kf_cpu() == KF_NO_CPU ? 0 : kf_cpu();

	__atomic_fetch_add(&cache->events[cpu * KF_NR_SLAB_EVENTS + event], 1, __ATOMIC_RELAXED);
}

const char *kf_slab_event_name(enum kf_slab_event event)
{
	return event < KF_NR_SLAB_EVENTS ? names[event] : NULL;
}

u64 kf_cache_events(const struct kf_cache *cache, enum kf_slab_event event, unsigned cpu)
{
	return cache->events ? cache->events[cpu * KF_NR_SLAB_EVENTS + event] : 0;
}

void kf_cache_clear_events(struct kf_cache *cache, enum kf_slab_event event)
{
	for (unsigned cpu = 0; cache->events && cpu < kf_layout()->nr_cpus; cpu++)
		cache->events[cpu * KF_NR_SLAB_EVENTS + event] = 0;
}
