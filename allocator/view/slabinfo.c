// SPDX-License-Identifier: GPL-2.0-only
/*
 * All caches, a line each: /proc/slabinfo (version 2.1, cache_show() of mm/slab_common.c, get_slabinfo() of
 * mm/slub.c), and the list that the kernel prints when it runs out of memory (dump_unreclaimable_slab()).
 *
 * The kernel's list of caches grows at its head, so the newest cache comes first. Free objects of the slabs
 * that CPUs allocate from count as active: nobody else can have them.
 */
#include <stdlib.h>

#include "../slab/slab.h"
#include "text.h"

struct list {
	struct kf_cache **cache;
	size_t count, room;
};

static void collect(struct kf_cache *cache, void *arg)
{
	struct list *list = arg;

	if (list->count < list->room)
		list->cache[list->count] = cache;
	list->count++;
}

void kf_view_caches(void (*fn)(struct kf_cache *cache, void *arg), void *arg)
{
	struct list list = {0};

	kf_cache_for_each(collect, &list);
	list.room = list.count;
	list.count = 0;
	list.cache = calloc(list.room + 1, sizeof(struct kf_cache *));
	if (!list.cache)
		return;
	kf_cache_for_each(collect, &list);
	for (size_t i = list.count < list.room ? list.count : list.room; i--;)
		fn(list.cache[i], arg);
	free(list.cache);
}

static void show_cache(struct kf_cache *cache, void *arg)
{
	struct kf_cache_stat s;

	kf_cache_stat(cache, &s);
	kf_text_line(arg,
		     "%-17s %6lu %6lu %6u %4u %4d"
		     " : tunables %4u %4u %4u"
		     " : slabdata %6lu %6lu %6lu",
		     kf_cache_name(cache), s.active_slabinfo, s.objects, (u32)s.slot_size,
		     s.objects_per_slab, 1 << s.order, 0, 0, 0, s.slabs, s.slabs, 0ul);
}

void kf_view_slabinfo(const struct kf_view *out)
{
	kf_text_line(out, "slabinfo - version: 2.1");
	kf_text_line(out, "# name            <active_objs> <num_objs> <objsize> <objperslab> "
			  "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> "
			  ": slabdata <active_slabs> <num_slabs> <sharedavail>");
	kf_view_caches(show_cache, (void *)out);
}

static void show_unreclaimable(struct kf_cache *cache, void *arg)
{
	struct kf_cache_stat s;

	kf_cache_stat(cache, &s);
	if ((s.flags & KF_SLAB_RECLAIM_ACCOUNT) || !s.objects)
		return;
	kf_text_line(arg, "%-17s %10luKB %10luKB", kf_cache_name(cache),
		     s.active_slabinfo * s.slot_size / 1024, s.objects * s.slot_size / 1024);
}

void kf_view_unreclaimable(const struct kf_view *out)
{
	kf_text_line(out, "Unreclaimable slab info:");
	kf_text_line(out, "Name                      Used          Total");
	kf_view_caches(show_unreclaimable, (void *)out);
}
