// SPDX-License-Identifier: GPL-2.0-only
/*
 * One cache in detail: the files of /sys/kernel/slab/CACHE/ (mm/slub.c, slab_attrs[]), in their order. On one
 * node a count is followed by " N0=" and itself when it is not zero, as on a kernel with CONFIG_NUMA.
 * Reading `validate` and `shrink` gives nothing, there as here: they are for writing.
 */
#include <string.h>

#include "../core/memory.h"
#include "../core/settings.h"
#include "../slab/slab.h"
#include "text.h"

/* What the functions below need of the cache that is shown. */
struct shown {
	const struct kf_view *out;
	const struct kf_cache *cache;
	struct kf_cache_stat stat;
};

static void number(const struct shown *s, u64 value)
{
	kf_text_line(s->out, "%lu", value);
}

/* A count over all nodes, of which there is one. */
static void count(const struct shown *s, u64 value)
{
	if (value)
		kf_text_line(s->out, "%lu N0=%lu", value, value);
	else
		kf_text_line(s->out, "0");
}

static void show_slab_size(const struct shown *s)
{
	number(s, s->stat.slot_size);
}

static void show_object_size(const struct shown *s)
{
	number(s, s->stat.object_size);
}

static void show_objs_per_slab(const struct shown *s)
{
	number(s, s->stat.objects_per_slab);
}

static void show_order(const struct shown *s)
{
	number(s, s->stat.order);
}

static void show_min_partial(const struct shown *s)
{
	number(s, s->stat.min_partial);
}

static void show_cpu_partial(const struct shown *s)
{
	number(s, s->stat.cpu_partial);
}

/* The kernel's number: free objects count as used where they are not on the node's partial list. */
static void show_objects(const struct shown *s)
{
	count(s, s->stat.active_slabinfo);
}

static void show_objects_partial(const struct shown *s)
{
	count(s, s->stat.partial_active);
}

static void show_partial(const struct shown *s)
{
	count(s, s->stat.partial);
}

static void show_cpu_slabs(const struct shown *s)
{
	count(s, s->stat.cpu_slabs);
}

static void show_ctor(const struct shown *s)
{
	struct kf_text text = {0};

	if (!s->stat.ctor)
		return;
	kf_text_add_function(s->out, &text, (const void *)s->stat.ctor);
	kf_text_end(s->out, &text);
}

static void show_aliases(const struct shown *s)
{
	number(s, s->stat.aliases);
}

static void show_align(const struct shown *s)
{
	number(s, s->stat.align);
}

/* CPUs have no lists of partial slabs here: they go back to the node. */
static void show_slabs_cpu_partial(const struct shown *s)
{
	kf_text_line(s->out, "0(0)");
}

static void show_total_objects(const struct shown *s)
{
	count(s, s->stat.objects);
}

static void show_slabs(const struct shown *s)
{
	count(s, s->stat.slabs);
}

static void show_nothing(const struct shown *s)
{
}

static void show_defrag_ratio(const struct shown *s)
{
	number(s, 100);
}

static void show_usersize(const struct shown *s)
{
	number(s, s->stat.usersize);
}

/* A file with its own function, or a bit of the cache's flags. */
static const struct attribute {
	const char *name;
	void (*show)(const struct shown *s);
	u32 flag;
} attributes[] = {
	{"slab_size", show_slab_size, 0},
	{"object_size", show_object_size, 0},
	{"objs_per_slab", show_objs_per_slab, 0},
	{"order", show_order, 0},
	{"min_partial", show_min_partial, 0},
	{"cpu_partial", show_cpu_partial, 0},
	{"objects", show_objects, 0},
	{"objects_partial", show_objects_partial, 0},
	{"partial", show_partial, 0},
	{"cpu_slabs", show_cpu_slabs, 0},
	{"ctor", show_ctor, 0},
	{"aliases", show_aliases, 0},
	{"align", show_align, 0},
	{"hwcache_align", NULL, KF_SLAB_HWCACHE_ALIGN},
	{"reclaim_account", NULL, KF_SLAB_RECLAIM_ACCOUNT},
	{"destroy_by_rcu", NULL, KF_SLAB_TYPESAFE_BY_RCU},
	{"shrink", show_nothing, 0},
	{"slabs_cpu_partial", show_slabs_cpu_partial, 0},
	{"total_objects", show_total_objects, 0},
	{"slabs", show_slabs, 0},
	{"sanity_checks", NULL, KF_SLAB_CONSISTENCY_CHECKS},
	{"trace", NULL, KF_SLAB_TRACE},
	{"red_zone", NULL, KF_SLAB_RED_ZONE},
	{"poison", NULL, KF_SLAB_POISON},
	{"store_user", NULL, KF_SLAB_STORE_USER},
	{"validate", show_nothing, 0},
	{"cache_dma", NULL, KF_SLAB_CACHE_DMA},
	{"remote_node_defrag_ratio", show_defrag_ratio, 0},
	{"failslab", NULL, KF_SLAB_FAILSLAB},
	{"usersize", show_usersize, 0},
	{"skip_kfence", NULL, KF_SLAB_SKIP_KFENCE},
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* alloc_traces and free_traces of debugfs stand behind the attributes, then the counters of CONFIG_SLUB_STATS, which
 * are there when the setting slub_stats is on. */
static const char *const traces[] = {"alloc_traces", "free_traces"};
#define TRACES (sizeof(traces) / sizeof(traces[0]))

const char *kf_view_cache_attribute(unsigned i)
{
	if (i < ATTRIBUTES)
		return attributes[i].name;
	i -= ATTRIBUTES;
	if (i < TRACES)
		return traces[i];
	i -= TRACES;
	return kf_settings()->slub_stats && i < KF_NR_SLAB_EVENTS
		       ? kf_slab_event_name((enum kf_slab_event)i)
		       : NULL;
}

static void show_attribute(const struct shown *s, const struct attribute *a)
{
	if (a->show)
		a->show(s);
	else
		kf_text_line(s->out, "%d", !!(s->stat.flags & a->flag));
}

static void show_event(const struct shown *s, enum kf_slab_event event)
{
	struct kf_text text = {0};
	u64 sum = 0;

	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		sum += kf_cache_events(s->cache, event, cpu);
	kf_text_add(&text, "%lu", sum);
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		if (kf_cache_events(s->cache, event, cpu))
			kf_text_add(&text, " C%d=%u", cpu,
				    (u32)kf_cache_events(s->cache, event, cpu));
	kf_text_end(s->out, &text);
}

bool kf_view_cache(const struct kf_view *out, const struct kf_cache *cache, const char *attribute)
{
	struct shown s = {.out = out, .cache = cache};
	const char *name;
	unsigned i = 0;

	while ((name = kf_view_cache_attribute(i)) && strcmp(name, attribute))
		i++;
	if (!name)
		return false;
	kf_cache_stat(cache, &s.stat);
	if (i < ATTRIBUTES)
		show_attribute(&s, &attributes[i]);
	else if (i < ATTRIBUTES + TRACES)
		kf_view_traces(out, cache, i == ATTRIBUTES);
	else
		show_event(&s, (enum kf_slab_event)(i - ATTRIBUTES - TRACES));
	return true;
}

/* ---- which cache ------------------------------------------------------------------------------------- */

struct search {
	const char *name;
	struct kf_cache *cache;
	bool found;
};

static void compare_alias(const char *name, void *arg)
{
	struct search *search = arg;

	search->found |= !strcmp(name, search->name);
}

static void compare(struct kf_cache *cache, void *arg)
{
	struct search *search = arg;

	if (search->cache)
		return;
	search->found = !strcmp(kf_cache_name(cache), search->name);
	if (!search->found)
		kf_cache_for_each_alias(cache, compare_alias, search);
	if (search->found)
		search->cache = cache;
}

struct kf_cache *kf_view_find_cache(const char *name)
{
	struct search search = {.name = name};

	kf_view_caches(compare, &search);
	return search.cache;
}
