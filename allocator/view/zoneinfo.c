// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones in detail: /proc/zoneinfo (zoneinfo_show_print() of mm/vmstat.c), with the counters that a
 * distribution's x86-64 kernel has, under their names and in their order. Those of what lies above the allocators
 * (LRU lists, page cache, NUMA) are 0 here. All zones of such a kernel are shown, empty ones too; HighMem, which
 * it does not have, only when it has memory.
 */
#include "../core/memory.h"
#include "../page/page_alloc.h"
#include "memory_stat.h"
#include "text.h"

static const char *const node_counters[] = {
	"nr_inactive_anon",
	"nr_active_anon",
	"nr_inactive_file",
	"nr_active_file",
	"nr_unevictable",
	"nr_slab_reclaimable",
	"nr_slab_unreclaimable",
	"nr_isolated_anon",
	"nr_isolated_file",
	"workingset_nodes",
	"workingset_refault_anon",
	"workingset_refault_file",
	"workingset_activate_anon",
	"workingset_activate_file",
	"workingset_restore_anon",
	"workingset_restore_file",
	"workingset_nodereclaim",
	"nr_anon_pages",
	"nr_mapped",
	"nr_file_pages",
	"nr_dirty",
	"nr_writeback",
	"nr_writeback_temp",
	"nr_shmem",
	"nr_shmem_hugepages",
	"nr_shmem_pmdmapped",
	"nr_file_hugepages",
	"nr_file_pmdmapped",
	"nr_anon_transparent_hugepages",
	"nr_vmscan_write",
	"nr_vmscan_immediate_reclaim",
	"nr_dirtied",
	"nr_written",
	"nr_throttled_written",
	"nr_kernel_misc_reclaimable",
	"nr_foll_pin_acquired",
	"nr_foll_pin_released",
	"nr_kernel_stack",
	"nr_page_table_pages",
	"nr_sec_page_table_pages",
	"nr_swapcached",
	"pgpromote_success",
	"pgpromote_candidate",
};

/* The first is nr_free_pages. */
static const char *const zone_counters[] = {
	"nr_free_pages",
	"nr_zone_inactive_anon",
	"nr_zone_active_anon",
	"nr_zone_inactive_file",
	"nr_zone_active_file",
	"nr_zone_unevictable",
	"nr_zone_write_pending",
	"nr_mlock",
	"nr_bounce",
	"nr_zspages",
	"nr_free_cma",
	"numa_hit",
	"numa_miss",
	"numa_foreign",
	"numa_interleave",
	"numa_local",
	"numa_other",
};
#define COUNT(array) (sizeof(array) / sizeof(array[0]))

enum { NR_SLAB_RECLAIMABLE = 5, NR_SLAB_UNRECLAIMABLE = 6 }; /* places in node_counters */

static void show_node(const struct kf_view *out)
{
	struct kf_memory_stat memory;

	kf_memory_stat(&memory);
	kf_text_line(out, "  per-node stats");
	for (size_t i = 0; i < COUNT(node_counters); i++)
		kf_text_line(out, "      %-12s %lu", node_counters[i],
			     i == NR_SLAB_RECLAIMABLE	  ? memory.slab_reclaimable
			     : i == NR_SLAB_UNRECLAIMABLE ? memory.slab_unreclaimable
							  : 0ul);
}

/* Is this zone one of the kernel whose file is shown? */
static bool is_shown(int zone)
{
	struct kf_zone_stat stat;

	kf_zone_stat((enum kf_zone_id)zone, &stat);
	return zone != KF_ZONE_HIGHMEM || stat.present;
}

/* The last number is that of zone Device, which is always empty: as above Movable. */
static void show_protection(const struct kf_view *out, const struct kf_zone_stat *stat)
{
	struct kf_text text = {0};

	kf_text_add(&text, "        protection: (");
	for (int z = 0; z < KF_NR_ZONES; z++)
		if (is_shown(z))
			kf_text_add(&text, "%lu, ", stat->protection[z]);
	kf_text_add(&text, "%lu)", stat->protection[KF_ZONE_MOVABLE]);
	kf_text_end(out, &text);
}

static void show_pages(const struct kf_view *out, const struct kf_zone_stat *stat)
{
	kf_text_line(out, "  pages free     %lu", stat->free);
	kf_text_line(out, "        boost    %lu", stat->boost);
	kf_text_line(out, "        min      %lu", stat->min + stat->boost);
	kf_text_line(out, "        low      %lu", stat->low + stat->boost);
	kf_text_line(out, "        high     %lu", stat->high + stat->boost);
	kf_text_line(out, "        spanned  %lu", stat->spanned);
	kf_text_line(out, "        present  %lu", stat->present);
	kf_text_line(out, "        managed  %lu", stat->managed);
	kf_text_line(out, "        cma      %lu", 0ul);
	show_protection(out, stat);
}

static void show_pagesets(const struct kf_view *out, enum kf_zone_id zone)
{
	kf_text_line(out, "  pagesets");
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_pageset_stat pageset;

		kf_pageset_stat(zone, cpu, &pageset);
		kf_text_line(out, "    cpu: %i", cpu);
		kf_text_line(out, "              count: %i", pageset.count);
		kf_text_line(out, "              high:  %i", pageset.high);
		kf_text_line(out, "              batch: %i", pageset.batch);
		kf_text_line(out, "  vm stats threshold: %d", 0);
	}
}

static void show_zone(const struct kf_view *out, enum kf_zone_id zone, bool first)
{
	struct kf_zone_stat stat;

	kf_zone_stat(zone, &stat);
	kf_text_line(out, "Node %d, zone %8s", 0, stat.name);
	if (first)
		show_node(out);
	show_pages(out, &stat);
	if (!stat.present)
		return;
	for (size_t i = 0; i < COUNT(zone_counters); i++)
		kf_text_line(out, "      %-12s %lu", zone_counters[i], i ? 0ul : stat.free);
	show_pagesets(out, zone);
	kf_text_line(out, "  node_unreclaimable:  %u", 0);
	kf_text_line(out, "  start_pfn:           %lu", stat.start_pfn);
}

static void show_device(const struct kf_view *out)
{
	const struct kf_zone_stat none = {0};

	kf_text_line(out, "Node %d, zone %8s", 0, "Device");
	show_pages(out, &none);
}

void kf_view_zoneinfo(const struct kf_view *out)
{
	bool first = true;

	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone_stat stat;

		kf_zone_stat((enum kf_zone_id)z, &stat);
		if (!is_shown(z))
			continue;
		show_zone(out, (enum kf_zone_id)z, first && stat.present);
		first &= !stat.present;
	}
	show_device(out);
}
