// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free blocks of each order and migrate type, and the types of page blocks, zone by zone: /proc/pagetypeinfo
 * (pagetypeinfo_show() and what it calls in mm/vmstat.c). The kernel counts at most 100,000 blocks of a
 * kind, and writes ">100000" then. Type Isolate, which nothing here ever has, is among the kernel's.
 */
#include "../page/page_alloc.h"
#include "text.h"

#define COUNTED_AT_MOST 100000ul
#define TYPES		(KF_NR_MIGRATE_TYPES + 1) /* with Isolate */

static const char *type_name(unsigned type)
{
	return type < KF_NR_MIGRATE_TYPES ? kf_migrate_type_name((enum kf_migrate_type)type)
					  : "Isolate";
}

static void show_free(const struct kf_view *out, const struct kf_zone_stat *stat)
{
	for (unsigned type = 0; type < TYPES; type++) {
		struct kf_text text = {0};

		kf_text_add(&text, "Node %4d, zone %8s, type %12s ", 0, stat->name,
			    type_name(type));
		for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
			u64 n = type < KF_NR_MIGRATE_TYPES ? stat->nr_free_type[type][order] : 0;
			bool over = n >= COUNTED_AT_MOST;

			kf_text_add(&text, "%s%6lu ", over ? ">" : "", over ? COUNTED_AT_MOST : n);
		}
		kf_text_end(out, &text);
	}
}

static void show_blocks(const struct kf_view *out, const struct kf_zone_stat *stat)
{
	struct kf_text text = {0};

	kf_text_add(&text, "Node %d, zone %8s ", 0, stat->name);
	for (unsigned type = 0; type < TYPES; type++)
		kf_text_add(&text, "%12lu ",
			    type < KF_NR_MIGRATE_TYPES ? stat->nr_blocks[type] : 0ul);
	kf_text_end(out, &text);
}

static void for_each_populated(const struct kf_view *out,
			       void (*show)(const struct kf_view *out,
					    const struct kf_zone_stat *stat))
{
	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone_stat stat;

		kf_zone_stat((enum kf_zone_id)z, &stat);
		if (stat.present)
			show(out, &stat);
	}
}

void kf_view_pagetypeinfo(const struct kf_view *out)
{
	struct kf_text text = {0};

	kf_text_line(out, "Page block order: %d", KF_PAGEBLOCK_ORDER);
	kf_text_line(out, "Pages per block:  %lu", 1ul << KF_PAGEBLOCK_ORDER);
	kf_text_line(out, "%s", "");
	kf_text_add(&text, "%-43s ", "Free pages count per migrate type at order");
	for (int order = 0; order < KF_MAX_ORDER; order++)
		kf_text_add(&text, "%6d ", order);
	kf_text_end(out, &text);
	for_each_populated(out, show_free);
	kf_text_line(out, "%s", "");
	kf_text_add(&text, "%-23s", "Number of blocks type ");
	for (unsigned type = 0; type < TYPES; type++)
		kf_text_add(&text, "%12s ", type_name(type));
	kf_text_end(out, &text);
	for_each_populated(out, show_blocks);
}
