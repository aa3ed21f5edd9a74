// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory in all: /proc/meminfo (fs/proc/meminfo.c), the lines of it that the allocators know: whatever lies above
 * them (page cache, swap, processes) is not here. MemAvailable follows si_mem_available() of mm/page_alloc.c
 * for a machine without page cache.
 */
#include "../kin/percpu.h"
#include "../page/page_alloc.h"
#include "../slab/slab.h"
#include "../vmalloc/vmalloc.h"
#include "memory_stat.h"
#include "text.h"

static void add_reclaimable(struct kf_cache *cache, void *arg)
{
	struct kf_cache_stat stat;
	u64 *pages = arg;

	kf_cache_stat(cache, &stat);
	if (stat.flags & KF_SLAB_RECLAIM_ACCOUNT)
		*pages += stat.slabs << stat.order;
}

/* calculate_totalreserve_pages(): what user space should not count on. */
static u64 reserve_of(const struct kf_zone_stat *zone)
{
	u64 reserve = 0;

	for (int z = 0; z < KF_NR_ZONES; z++)
		if (zone->protection[z] > reserve)
			reserve = zone->protection[z];
	reserve += zone->high + zone->boost;
	return reserve < zone->managed ? reserve : zone->managed;
}

static u64 less_half(u64 pages, u64 low)
{
	return pages - (pages / 2 < low ? pages / 2 : low);
}

void kf_memory_stat(struct kf_memory_stat *out)
{
	struct kf_percpu_stat percpu;
	struct kf_vmalloc_stat vmalloc;
	u64 reserve = 0, low = 0, slab = 0;

	*out = (struct kf_memory_stat){0};
	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone_stat zone;

		kf_zone_owners((enum kf_zone_id)z, &zone);
		out->total += zone.managed;
		out->free += zone.free;
		if (z == KF_ZONE_HIGHMEM) {
			out->high_total = zone.managed;
			out->high_free = zone.free;
		}
		reserve += reserve_of(&zone);
		low += zone.low + zone.boost;
		slab += zone.owned_by[KF_SLAB] + zone.owned_by[KF_KMALLOC_LARGE];
	}
	kf_cache_for_each(add_reclaimable, &out->slab_reclaimable);
	out->slab_unreclaimable = slab - out->slab_reclaimable;
	out->available = out->free + less_half(out->slab_reclaimable, low);
	out->available -= reserve < out->available ? reserve : out->available;
	kf_vmalloc_stat(&vmalloc);
	out->vmalloc_total = vmalloc.total >> KF_PAGE_SHIFT;
	out->vmalloc_used = vmalloc.nr_pages;
	kf_percpu_stat(&percpu);
	out->percpu = percpu.frames;
}

static void kilobytes(const struct kf_view *out, const char *name, u64 pages)
{
	kf_text_line(out, "%s%8lu kB", name, pages << (KF_PAGE_SHIFT - 10));
}

void kf_view_meminfo(const struct kf_view *out)
{
	struct kf_memory_stat m;

	kf_memory_stat(&m);
	kilobytes(out, "MemTotal:       ", m.total);
	kilobytes(out, "MemFree:        ", m.free);
	kilobytes(out, "MemAvailable:   ", m.available);
	if (m.high_total) {
		kilobytes(out, "HighTotal:      ", m.high_total);
		kilobytes(out, "HighFree:       ", m.high_free);
		kilobytes(out, "LowTotal:       ", m.total - m.high_total);
		kilobytes(out, "LowFree:        ", m.free - m.high_free);
	}
	kilobytes(out, "KReclaimable:   ", m.slab_reclaimable);
	kilobytes(out, "Slab:           ", m.slab_reclaimable + m.slab_unreclaimable);
	kilobytes(out, "SReclaimable:   ", m.slab_reclaimable);
	kilobytes(out, "SUnreclaim:     ", m.slab_unreclaimable);
	kilobytes(out, "VmallocTotal:   ", m.vmalloc_total);
	kilobytes(out, "VmallocUsed:    ", m.vmalloc_used);
	kilobytes(out, "VmallocChunk:   ", 0);
	kilobytes(out, "Percpu:         ", m.percpu);
}
