// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free blocks of each order, zone by zone: /proc/buddyinfo, frag_show_print() of mm/vmstat.c. Zones without
 * memory are left out, as there. Pages on per-CPU lists are in no order.
 */
#include "../page/page_alloc.h"
#include "text.h"

void kf_view_buddyinfo(const struct kf_view *out)
{
	for (int z = 0; z < KF_NR_ZONES; z++) {
		struct kf_zone_stat stat;
		struct kf_text text = {0};

		kf_zone_stat((enum kf_zone_id)z, &stat);
		if (!stat.present)
			continue;
		kf_text_add(&text, "Node %d, zone %8s ", 0, stat.name);
		for (unsigned order = 0; order < KF_MAX_ORDER; order++)
			kf_text_add(&text, "%6lu ", stat.nr_free[order]);
		kf_text_end(out, &text);
	}
}
