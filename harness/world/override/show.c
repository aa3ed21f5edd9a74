// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's own files say of memory: /proc/slabinfo, buddyinfo, pagetypeinfo, zoneinfo, vmallocinfo,
 * meminfo and vmstat. Their code is the kernel's (mm/vmstat.c, mm/slab_common.c, mm/vmalloc.c,
 * fs/proc/meminfo.c); what it reads are the kernel's own structures, which nobody keeps here. So right before a file is
 * shown, a picture of the allocators is taken, and put into those structures.
 *
 * Three do not fit: pagetypeinfo walks the free lists themselves, so its lines come from the allocators' view;
 * caches and areas are shown one at a time through one struct kmem_cache and one struct vmap_area, which stand
 * for the one that is printed. The iterator of vmallocinfo has names that four other iterators have too, so it is
 * replaced in its table.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include "host.h"
#include "show.h"

extern struct list_head slab_caches;
extern struct mutex slab_mutex;
extern struct seq_operations vmalloc_op;
extern void calculate_totalreserve_pages(void);
extern int orig_meminfo_proc_show(struct seq_file *m, void *v);
extern void *orig_vmstat_start(struct seq_file *m, loff_t *pos);
extern void *orig_frag_start(struct seq_file *m, loff_t *pos);
int meminfo_proc_show(struct seq_file *m, void *v);
void *vmstat_start(struct seq_file *m, loff_t *pos);
void *frag_start(struct seq_file *m, loff_t *pos);
int pagetypeinfo_show(struct seq_file *m, void *arg);
void *slab_start(struct seq_file *m, loff_t *pos);
void *slab_next(struct seq_file *m, void *p, loff_t *pos);

/* ---- zones and sums ------------------------------------------------------------------------------- */

static struct per_cpu_pages pagesets[MAX_NR_ZONES];

/* A static variable as the per-CPU variable of the only CPU. */
static struct per_cpu_pages __percpu *pageset_of_cpu(int zone)
{
	return (struct per_cpu_pages __percpu *)((unsigned long)&pagesets[zone] -
						 __per_cpu_offset[0]);
}

static void show_zone(struct zone *zone, int i, const struct kf_zone_picture *picture)
{
	int k;

	zone->_watermark[WMARK_MIN] = picture->min;
	zone->_watermark[WMARK_LOW] = picture->low;
	zone->_watermark[WMARK_HIGH] = picture->high;
	zone->_watermark[WMARK_PROMO] = picture->promo;
	zone->watermark_boost = picture->boost;
	zone->nr_reserved_highatomic = picture->reserved_highatomic;
	for (k = 0; k < MAX_NR_ZONES && k < KF_PICTURE_ZONES; k++)
		zone->lowmem_reserve[k] = picture->protection[k];
	for (k = 0; k < MAX_ORDER; k++)
		zone->free_area[k].nr_free = picture->blocks[k];
	atomic_long_set(&zone->vm_stat[NR_FREE_PAGES], picture->free);
	pagesets[i].count = picture->count;
	pagesets[i].high = picture->pcp_high;
	pagesets[i].batch = picture->batch;
	zone->per_cpu_pageset = pageset_of_cpu(i);
}

static void show_events(int zone, const struct kf_zone_picture *picture, unsigned long *frees)
{
	struct vm_event_state *events = this_cpu_ptr(&vm_event_states);

	events->event[PGALLOC_DMA + zone] = picture->allocs;
	*frees += picture->frees;
	events->event[PGFREE] = *frees;
}

static void show_sums(struct pglist_data *node)
{
	struct kf_memory_picture memory;

	host_picture_memory(&memory);
	atomic_long_set(&vm_zone_stat[NR_FREE_PAGES], memory.free);
	atomic_long_set(&node->vm_stat[NR_SLAB_RECLAIMABLE_B], memory.slab_reclaimable);
	atomic_long_set(&node->vm_stat[NR_SLAB_UNRECLAIMABLE_B], memory.slab_unreclaimable);
	atomic_long_set(&vm_node_stat[NR_SLAB_RECLAIMABLE_B], memory.slab_reclaimable);
	atomic_long_set(&vm_node_stat[NR_SLAB_UNRECLAIMABLE_B], memory.slab_unreclaimable);
}

static void show_memory(void)
{
	struct pglist_data *node = NODE_DATA(0);
	struct kf_zone_picture picture;
	unsigned long frees = 0;
	int i;

	host_picture_take();
	for (i = 0; i < MAX_NR_ZONES && host_picture_zone(i, &picture); i++) {
		show_zone(&node->node_zones[i], i, &picture);
		show_events(i, &picture, &frees);
	}
	show_sums(node);
	calculate_totalreserve_pages();
}

/* /proc/buddyinfo, pagetypeinfo and zoneinfo start here. */
void *frag_start(struct seq_file *m, loff_t *pos)
{
	if (!*pos)
		show_memory();
	return orig_frag_start(m, pos);
}

void *vmstat_start(struct seq_file *m, loff_t *pos)
{
	if (!*pos)
		show_memory();
	return orig_vmstat_start(m, pos);
}

int meminfo_proc_show(struct seq_file *m, void *v)
{
	show_memory();
	return orig_meminfo_proc_show(m, v);
}

unsigned long pcpu_nr_pages(void)
{
	struct kf_memory_picture memory;

	host_picture_memory(&memory);
	return memory.percpu;
}

int pagetypeinfo_show(struct seq_file *m, void *arg)
{
	const char *line;
	unsigned int i;

	for (i = 0; (line = host_picture_pagetypeinfo(i)); i++)
		seq_printf(m, "%s\n", line);
	return 0;
}

/* ---- caches ------------------------------------------------------------------------------------------ */

/* struct slabinfo of mm/slab.h. */
struct slabinfo {
	unsigned long active_objs, num_objs, active_slabs, num_slabs, shared_avail;
	unsigned int limit, batchcount, shared, objects_per_slab, cache_order;
};

/* The cache whose line is printed. */
static struct kf_cache_shown shown_cache;

void kf_show_cache(struct kf_cache_shown *shown, const struct kf_cache_picture *picture)
{
	struct kmem_cache *s = &shown->cache;

	shown->picture = *picture;
	s->name = picture->name;
	s->flags = picture->flags;
	s->size = picture->size;
	s->object_size = picture->object_size;
	s->align = picture->align;
	s->oo.x = picture->order << 16 | picture->objects_per_slab;
	s->min.x = picture->min_order << 16;
	s->ctor = (void (*)(void *))picture->ctor;
	s->refcount = picture->aliases + 1;
	s->min_partial = picture->min_partial;
	s->cpu_partial = picture->cpu_partial;
	s->cpu_partial_slabs = picture->cpu_partial_slabs;
	s->remote_node_defrag_ratio = 1000;
	s->useroffset = picture->useroffset;
	s->usersize = picture->usersize;
}

/* The header is printed before the cache that is first in the list. */
static void *show_nth_cache(loff_t n)
{
	struct kf_cache_picture picture;

	INIT_LIST_HEAD(&slab_caches);
	if (!host_picture_cache(n, &picture))
		return NULL;
	kf_show_cache(&shown_cache, &picture);
	if (!n)
		slab_caches.next = &shown_cache.cache.list;
	return &shown_cache.cache.list;
}

void *slab_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&slab_mutex);
	if (!*pos)
		host_picture_take();
	return show_nth_cache(*pos);
}

void *slab_next(struct seq_file *m, void *p, loff_t *pos)
{
	return show_nth_cache(++*pos);
}

void slab_stop(struct seq_file *m, void *p)
{
	INIT_LIST_HEAD(&slab_caches);
	mutex_unlock(&slab_mutex);
}

void get_slabinfo(struct kmem_cache *s, struct slabinfo *info)
{
	const struct kf_cache_picture *picture =
		&container_of(s, struct kf_cache_shown, cache)->picture;

	*info = (struct slabinfo){
		.active_objs = picture->active_objects,
		.num_objs = picture->objects,
		.active_slabs = picture->slabs,
		.num_slabs = picture->slabs,
		.objects_per_slab = picture->objects_per_slab,
		.cache_order = picture->order,
	};
}

/* ---- areas --------------------------------------------------------------------------------------------- */

static int (*show_area_line)(struct seq_file *m, void *p);
static struct {
	struct vmap_area area;
	unsigned long kind;
} shown_area;

static void *show_nth_area(loff_t n)
{
	struct kf_area_picture picture;

	if (!host_picture_area(n, &picture))
		return NULL;
	shown_area.kind = picture.kind;
	shown_area.area.va_start = picture.start;
	shown_area.area.va_end = picture.end;
	shown_area.area.vm = picture.vm;
	/* Not the last of the kernel's list, behind which it would print what waits for a purge. */
	INIT_LIST_HEAD(&shown_area.area.list);
	return &shown_area.area.list;
}

static void *area_start(struct seq_file *m, loff_t *pos)
{
	if (!*pos)
		host_picture_take();
	return show_nth_area(*pos);
}

static void *area_next(struct seq_file *m, void *p, loff_t *pos)
{
	return show_nth_area(++*pos);
}

static void area_stop(struct seq_file *m, void *p)
{
}

static int area_show(struct seq_file *m, void *p)
{
	const struct vmap_area *area = &shown_area.area;

	if (shown_area.kind != KF_PICTURE_UNPURGED)
		return show_area_line(m, p);
	seq_printf(m, "0x%pK-0x%pK %7ld unpurged vm_area\n", (void *)area->va_start,
		   (void *)area->va_end, area->va_end - area->va_start);
	return 0;
}

/* Once, at boot. */
void kf_show_init(void)
{
	show_area_line = vmalloc_op.show;
	vmalloc_op = (struct seq_operations){area_start, area_stop, area_next, area_show};
}
