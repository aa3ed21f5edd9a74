// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator's reports, in the kernel's words, through the hook `log`. Follows warn_alloc() and
 * __show_free_areas() of mm/page_alloc.c, lib/show_mem.c, bad_page(), mm/debug.c and mm/page_poison.c of 6.1.
 *
 * What the allocators cannot know (page cache, anonymous memory, swap) is printed as 0. There is no clock, so what the kernel limits per time is limited per world: 10 failures,
 * 60 bad pages, 10 damaged poisons.
 */
#include <stdio.h>

#include "../core/gfp.h"
#include "base.h"

#define LEVEL_ALERT 1
#define LEVEL_ERR   3
#define LEVEL_WARN  4

enum { FAILURES_SHOWN = 10, BAD_PAGES_SHOWN = 60, POISON_SHOWN = 10 };

typedef unsigned long long ull;

/* One more of at most `most`? */
static bool shown(u32 *count, u32 most)
{
	u32 now = __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);

	return now <= most;
}

static ull kb(u64 pages)
{
	return pages << (KF_PAGE_SHIFT - 10);
}

/* ---- Mem-Info -------------------------------------------------------------------------------- */

static void show_node(const struct kf_zone_stat *zones, unsigned highest)
{
	ull free = 0, pcp = 0, slab = 0;

	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		free += zones[id].free;
		slab += zones[id].owned_by[KF_SLAB];
		pcp += id <= highest ? zones[id].free_pcp : 0;
	}
	kf_log(LEVEL_WARN, "active_anon:0 inactive_anon:0 isolated_anon:0");
	kf_log(LEVEL_WARN, " active_file:0 inactive_file:0 isolated_file:0");
	kf_log(LEVEL_WARN, " unevictable:0 dirty:0 writeback:0");
	kf_log(LEVEL_WARN, " slab_reclaimable:0 slab_unreclaimable:%llu", slab);
	kf_log(LEVEL_WARN, " mapped:0 shmem:0 pagetables:0");
	kf_log(LEVEL_WARN, " sec_pagetables:0 bounce:0");
	kf_log(LEVEL_WARN, " kernel_misc_reclaimable:0");
	kf_log(LEVEL_WARN, " free:%llu free_pcp:%llu free_cma:0", free, pcp);
	kf_log(LEVEL_WARN,
	       "Node 0 active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB "
	       "unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:0kB dirty:0kB "
	       "writeback:0kB shmem:0kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB "
	       "writeback_tmp:0kB kernel_stack:0kB pagetables:0kB sec_pagetables:0kB "
	       "all_unreclaimable? no");
}

static void show_zone(const struct kf_zone_stat *z, unsigned id)
{
	struct kf_pageset_stat local;
	char text[160];
	int n;

	kf_pageset_stat((enum kf_zone_id)id, kf_cpu(), &local);
	kf_log(LEVEL_WARN,
	       "Node 0 %s free:%llukB boost:%llukB min:%llukB low:%llukB high:%llukB "
	       "reserved_highatomic:%lluKB active_anon:0kB inactive_anon:0kB active_file:0kB "
	       "inactive_file:0kB unevictable:0kB writepending:0kB present:%llukB managed:%llukB "
	       "mlocked:0kB bounce:0kB free_pcp:%llukB local_pcp:%llukB free_cma:0kB",
	       z->name, kb(z->free), kb(z->boost), kb(z->min + z->boost), kb(z->low + z->boost),
	       kb(z->high + z->boost), kb(z->reserved_highatomic), kb(z->present), kb(z->managed),
	       kb(z->free_pcp), kb(local.count));
	n = snprintf(text, sizeof(text), "lowmem_reserve[]:");
	for (unsigned j = 0; j < KF_NR_ZONES; j++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " %llu", (ull)z->protection[j]);
	kf_log(LEVEL_WARN, "%s", text);
}

/* "(UME) " after a count of blocks: the types that they are of. */
static int show_types(char *to, size_t room, const struct kf_zone_stat *z, unsigned order)
{
	static const char letters[] = {'U', 'M', 'E', 'H'};
	char types[sizeof(letters) + 1];
	unsigned n = 0;

	for (unsigned type = 0; type < KF_NR_MIGRATE_TYPES; type++)
		if (z->nr_free_type[type][order])
			types[n++] = letters[type];
	types[n] = 0;
	return snprintf(to, room, "(%s) ", types);
}

static void show_blocks(const struct kf_zone_stat *z)
{
	char text[512];
	size_t n = (size_t)snprintf(text, sizeof(text), "Node 0 %s: ", z->name);

	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%llu*%llukB ",
				      (ull)z->nr_free[order], kb(1) << order);
		if (z->nr_free[order])
			n += (size_t)show_types(text + n, sizeof(text) - n, z, order);
	}
	snprintf(text + n, sizeof(text) - n, "= %llukB", kb(z->free));
	kf_log(LEVEL_WARN, "%s", text);
}

static void show_totals(const struct kf_zone_stat *zones)
{
	ull present = 0, reserved = 0;

	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		present += zones[id].present;
		reserved += zones[id].present - zones[id].managed;
	}
	kf_log(LEVEL_WARN, "0 total pagecache pages");
	kf_log(LEVEL_WARN, "%llu pages RAM", present);
	kf_log(LEVEL_WARN, "%llu pages HighMem/MovableOnly",
	       (ull)(zones[KF_ZONE_HIGHMEM].present + zones[KF_ZONE_MOVABLE].present));
	kf_log(LEVEL_WARN, "%llu pages reserved", reserved);
}

void kf_show_mem(unsigned highest)
{
	struct kf_zone_stat zones[KF_NR_ZONES];

	for (unsigned id = 0; id < KF_NR_ZONES; id++)
		kf_zone_owners((enum kf_zone_id)id, &zones[id]);
	kf_log(LEVEL_WARN, "Mem-Info:");
	show_node(zones, highest);
	for (unsigned id = 0; id <= highest; id++)
		if (zones[id].present)
			show_zone(&zones[id], id);
	for (unsigned id = 0; id <= highest; id++)
		if (zones[id].present)
			show_blocks(&zones[id]);
	show_totals(zones);
}

/* ---- a request failed ------------------------------------------------------------------------ */

void kf_report_failure(u32 gfp, unsigned order, unsigned highest)
{
	struct kf_page_state *st = &kf_state()->page;
	char flags[GFP_TEXT_MAX];
	struct kf_whence whence;

	if (!kf_logging() || gfp & KF_GFP_NOWARN ||
	    (gfp & KF_GFP_DMA && !st->zone[KF_ZONE_DMA].managed) ||
	    !shown(&st->failures_shown, FAILURES_SHOWN))
		return;
	kf_hooks.whence(&whence);
	kf_log(LEVEL_WARN, "%s: page allocation failure: order:%u, mode:%#x(%s), nodemask=(null)",
	       whence.comm, order, gfp, gfp_to_text(gfp, flags, sizeof(flags)));
	kf_dump_stack(LEVEL_WARN);
	kf_show_mem(highest);
}

/* ---- a page is bad --------------------------------------------------------------------------- */

static void dump_raw(const struct page *page)
{
	const u64 *words = (const u64 *)page;

	for (unsigned i = 0; i < sizeof(*page) / 8; i += 4)
		kf_log(LEVEL_WARN, "raw: %016llx %016llx %016llx %016llx", (ull)words[i],
		       (ull)words[i + 1], (ull)words[i + 2], (ull)words[i + 3]);
}

static void dump_page(const struct page *page, const char *reason)
{
	kf_log(LEVEL_WARN, "page:%p refcount:%d mapcount:%d mapping:%p index:%#llx pfn:%#llx",
	       (const void *)page, page->refcount, page->mapcount + 1, page->mapping,
	       (ull)page->index, (ull)kf_pfn_of(page));
	if (kf_is_compound(page))
		kf_log(LEVEL_WARN, "head:%p order:%u compound_mapcount:%d compound_pincount:%d",
		       (const void *)page, page[1].compound_order, page[1].compound_mapcount + 1,
		       page[1].compound_pincount);
	kf_log(LEVEL_WARN, "flags: %#llx", (ull)page->flags);
	dump_raw(page);
	kf_log(LEVEL_WARN, "page dumped because: %s", reason);
}

void kf_report_bad_page(const struct page *page, const char *reason)
{
	struct kf_whence whence;

	if (!kf_logging() || !shown(&kf_state()->page.bad_pages_shown, BAD_PAGES_SHOWN))
		return;
	kf_hooks.whence(&whence);
	kf_log(LEVEL_ALERT, "BUG: Bad page state in process %s  pfn:%05llx", whence.comm,
	       (ull)kf_pfn_of(page));
	dump_page(page, reason);
	kf_dump_stack(LEVEL_ALERT);
	kf_state()->slab.tainted = true;
}

/* ---- poison was written to ------------------------------------------------------------------- */

static bool single_bit(u8 difference)
{
	return difference && !(difference & (difference - 1));
}

void kf_report_poison(u64 pfn, const u8 *bytes)
{
	const u8 *first = kf_first_other(bytes, KF_BYTE_PAGE, KF_PAGE_SIZE);
	const u8 *end = bytes + KF_PAGE_SIZE;
	bool one_bit;

	if (!kf_logging() || !shown(&kf_state()->page.poison_shown, POISON_SHOWN))
		return;
	while (end[-1] == KF_BYTE_PAGE)
		end--;
	one_bit = end == first + 1 && single_bit(*first ^ KF_BYTE_PAGE);
	kf_log(LEVEL_ERR, "pagealloc: %s", one_bit ? "single bit error" : "memory corruption");
	kf_hex_dump(LEVEL_ERR, "", first, (size_t)(end - first));
	kf_dump_stack(LEVEL_ERR);
	dump_page(kf_page_at(pfn), "pagealloc: corrupted page details");
}
