// SPDX-License-Identifier: GPL-2.0-only
/*
 * The allocators' numbers at one moment (override/picture.h). The kernel's files are shown piece by piece, and
 * showing them allocates: struct file, buffers, sysfs nodes. So everything is read at once, into host memory, and
 * shown from there. When a driver opens such a file itself, the picture is taken when the file is first read; when
 * somebody looks from outside, it is taken before the file is opened, and held.
 */
#include "picture.h"

#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/view/memory_stat.h"
#include "../../allocator/view/view.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "file.h"
#include "override/picture.h"

_Static_assert(KF_PICTURE_ORDERS == KF_MAX_ORDER, "the orders of both sides");

/* A list that grows. */
struct list {
	void *items;
	unsigned count, room;
};

static struct {
	bool held;
	struct list caches, areas, pagetypeinfo; /* pagetypeinfo: char * */
	struct kf_zone_picture zone[KF_PICTURE_ZONES];
	struct kf_memory_picture memory;
	struct list
		traces;	   /* struct traces: of caches with slub_debug=U, while a picture is held */
	struct list lines; /* of the cache that was asked for last, when none is held */
} picture;

/* The lines of alloc_traces or free_traces of a cache. */
struct traces {
	const struct kf_cache *cache;
	bool alloc;
	struct list lines;
};

void host_picture_take(void);
bool host_picture_cache(unsigned n, struct kf_cache_picture *out);
bool host_picture_zone(unsigned n, struct kf_zone_picture *out);
bool host_picture_area(unsigned n, struct kf_area_picture *out);
void host_picture_memory(struct kf_memory_picture *out);
const char *host_picture_pagetypeinfo(unsigned n);
const char *host_traces_line(const void *cache, bool alloc, unsigned n);

static void *append(struct list *list, size_t size)
{
	if (list->count == list->room) {
		list->room = list->room * 2 + 64;
		list->items = kf_array(list->items, list->room, size);
	}
	return (char *)list->items + list->count++ * size;
}

static void add_line(const char *text, void *arg)
{
	*(char **)append(arg, sizeof(char *)) = kf_strdup(text);
}

static void clear_lines(struct list *lines)
{
	for (unsigned i = 0; i < lines->count; i++)
		free(((char **)lines->items)[i]);
	lines->count = 0;
}

static const char *line(const struct list *lines, unsigned n)
{
	return n < lines->count ? ((char **)lines->items)[n] : NULL;
}

/* ---- taking ----------------------------------------------------------------------------------------- */

static void add_cache(struct kf_cache *cache, void *arg)
{
	struct kf_cache_picture *to = append(&picture.caches, sizeof(*to));
	struct kf_cache_stat s;

	kf_cache_stat(cache, &s);
	*to = (struct kf_cache_picture){
		.cache = cache,
		.name = kf_cache_name(cache),
		.size = s.slot_size,
		.object_size = s.object_size,
		.align = s.align,
		.flags = s.flags,
		.ctor = (unsigned long)s.ctor,
		.order = s.order,
		.min_order = s.min_order,
		.objects_per_slab = s.objects_per_slab,
		.aliases = s.aliases,
		.min_partial = s.min_partial,
		.cpu_partial = s.cpu_partial,
		.cpu_partial_slabs = s.cpu_partial_slabs,
		.useroffset = s.useroffset,
		.usersize = s.usersize,
		.active_objects = s.active_slabinfo,
		.objects = s.objects,
		.slabs = s.slabs,
		.partial = s.partial,
		.partial_objects = s.partial_active,
		.cpu_slabs = s.cpu_slabs,
	};
}

static void add_area(const struct kf_area_info *area, void *arg)
{
	static const unsigned long kinds[] = {[KF_AREA_VM] = KF_PICTURE_VM,
					      [KF_AREA_MAP_RAM] = KF_PICTURE_MAP_RAM,
					      [KF_AREA_UNPURGED] = KF_PICTURE_UNPURGED};
	struct kf_area_picture *to = append(&picture.areas, sizeof(*to));

	*to = (struct kf_area_picture){kinds[area->line], area->start, area->end, NULL};
	if (area->line == KF_AREA_VM)
		to->vm = kf_find_vm_area((const void *)area->start);
}

/* The kernel's zones, by its numbers. Device is empty. */
static const int kernel_zones[KF_PICTURE_ZONES] = {KF_ZONE_DMA, KF_ZONE_DMA32, KF_ZONE_NORMAL,
						   KF_ZONE_MOVABLE, -1};

/* What is kept from requests that may go to a kernel's zone; for Device as for the one below. */
static u64 protection(const struct kf_zone_stat *stat, unsigned zone)
{
	return stat->protection[kernel_zones[zone] < 0 ? KF_ZONE_MOVABLE : kernel_zones[zone]];
}

static void take_zone(struct kf_zone_picture *to, enum kf_zone_id zone)
{
	struct kf_pageset_stat pageset;
	struct kf_zone_stat stat;

	kf_zone_stat(zone, &stat);
	kf_pageset_stat(zone, 0, &pageset);
	*to = (struct kf_zone_picture){
		.free = stat.free,
		.boost = stat.boost,
		.min = stat.min,
		.low = stat.low,
		.high = stat.high,
		.promo = stat.promo,
		.reserved_highatomic = stat.reserved_highatomic,
		.count = pageset.count,
		.pcp_high = pageset.high,
		.batch = pageset.batch,
		.allocs = stat.pgalloc,
		.frees = stat.pgfree,
	};
	for (unsigned i = 0; i < KF_PICTURE_ZONES; i++)
		to->protection[i] = protection(&stat, i);
	for (unsigned order = 0; order < KF_MAX_ORDER; order++)
		to->blocks[order] = stat.nr_free[order];
}

static void take(void)
{
	struct kf_memory_stat memory;
	struct kf_view pagetypeinfo = {.line = add_line, .arg = &picture.pagetypeinfo};

	picture.caches.count = picture.areas.count = 0;
	kf_view_caches(add_cache, NULL);
	kf_vmalloc_for_each_area(add_area, NULL);
	clear_lines(&picture.pagetypeinfo);
	kf_view_pagetypeinfo(&pagetypeinfo);
	kf_memory_stat(&memory);
	picture.memory = (struct kf_memory_picture){
		.free = memory.free,
		.slab_reclaimable = memory.slab_reclaimable,
		.slab_unreclaimable = memory.slab_unreclaimable,
		.percpu = memory.percpu,
	};
	for (unsigned i = 0; i < KF_PICTURE_ZONES; i++)
		if (kernel_zones[i] >= 0)
			take_zone(&picture.zone[i], (enum kf_zone_id)kernel_zones[i]);
}

void host_picture_take(void)
{
	if (!picture.held)
		take();
}

static void write_traces(struct list *lines, const struct kf_cache *cache, bool alloc)
{
	const struct kf_view out = {.line = add_line, .arg = lines};

	clear_lines(lines);
	kf_view_traces(&out, cache, alloc);
}

static void add_traces(struct kf_cache *cache, void *arg)
{
	struct kf_cache_stat stat;

	kf_cache_stat(cache, &stat);
	for (int alloc = 0; alloc < 2 && (stat.flags & KF_SLAB_STORE_USER); alloc++) {
		struct traces *to = append(&picture.traces, sizeof(*to));

		*to = (struct traces){cache, alloc, {NULL, 0, 0}};
		write_traces(&to->lines, cache, alloc);
	}
}

void picture_hold(void)
{
	take();
	kf_view_caches(add_traces, NULL);
	picture.held = true;
}

void picture_release(void)
{
	struct traces *traces = picture.traces.items;

	picture.held = false;
	for (unsigned i = 0; i < picture.traces.count; i++) {
		clear_lines(&traces[i].lines);
		free(traces[i].lines.items);
	}
	picture.traces.count = 0;
}

/* ---- showing ---------------------------------------------------------------------------------------- */

bool host_picture_cache(unsigned n, struct kf_cache_picture *out)
{
	if (n >= picture.caches.count)
		return false;
	*out = ((struct kf_cache_picture *)picture.caches.items)[n];
	return true;
}

bool host_picture_zone(unsigned n, struct kf_zone_picture *out)
{
	if (n >= KF_PICTURE_ZONES)
		return false;
	*out = picture.zone[n];
	return true;
}

bool host_picture_area(unsigned n, struct kf_area_picture *out)
{
	if (n >= picture.areas.count)
		return false;
	*out = ((struct kf_area_picture *)picture.areas.items)[n];
	return true;
}

void host_picture_memory(struct kf_memory_picture *out)
{
	*out = picture.memory;
}

const char *host_picture_pagetypeinfo(unsigned n)
{
	return line(&picture.pagetypeinfo, n);
}

static const struct list *held_traces(const void *cache, bool alloc)
{
	const struct traces *traces = picture.traces.items;

	for (unsigned i = 0; i < picture.traces.count; i++)
		if (traces[i].cache == cache && traces[i].alloc == alloc)
			return &traces[i].lines;
	return NULL;
}

const char *host_traces_line(const void *cache, bool alloc, unsigned n)
{
	const struct list *held = held_traces(cache, alloc);

	if (held)
		return line(held, n);
	if (!n)
		write_traces(&picture.lines, cache, alloc);
	return line(&picture.lines, n);
}
