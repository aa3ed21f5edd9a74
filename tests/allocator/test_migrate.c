// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migrate types, and the lists of the CPUs.
 */
#include "test.h"

static struct kf_zone_stat stat_of(enum kf_zone_id id)
{
	struct kf_zone_stat stat;

	kf_zone_stat(id, &stat);
	return stat;
}

static struct kf_pageset_stat normal_pageset(unsigned cpu)
{
	struct kf_pageset_stat stat;

	kf_pageset_stat(KF_ZONE_NORMAL, cpu, &stat);
	return stat;
}

/* ---- tracepoints ----------------------------------------------------------------------------------------- */

static unsigned events[KF_NR_EVENTS];
static struct kf_event newest[KF_NR_EVENTS];

static void on_event(const struct kf_event *event)
{
	events[event->kind]++;
	newest[event->kind] = *event;
}

static void trace(bool on)
{
	memset(events, 0, sizeof(events));
	kf_hooks.event = on_event;
	kf_tracing = on;
}

/* ---- types ------------------------------------------------------------------------------------------------- */

#define MOVABLE (GFP_KERNEL | KF_GFP_MOVABLE)

/* Expect every page block to be Movable at first, but for those that caches have taken. */
static void begins_movable(void)
{
	struct kf_zone_stat high = stat_of(KF_ZONE_HIGHMEM);

	CHECK_EQ(high.nr_blocks[KF_MIGRATE_MOVABLE], 4);
	CHECK_EQ(high.nr_free_type[KF_MIGRATE_MOVABLE][10], 2);
	CU_ASSERT_STRING_EQUAL(kf_migrate_type_name(KF_MIGRATE_HIGHATOMIC), "HighAtomic");
}

/* Expect the first reclaimable block to take the largest free block there is, as a whole. */
static void steals_largest(void)
{
	struct kf_zone_stat before = stat_of(KF_ZONE_NORMAL), after;
	struct page *page;

	trace(true);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_RECLAIMABLE, 4);
	trace(false);
	after = stat_of(KF_ZONE_NORMAL);
	CHECK_EQ(after.nr_blocks[KF_MIGRATE_RECLAIMABLE],
		 before.nr_blocks[KF_MIGRATE_RECLAIMABLE] + 2);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].value, 10);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].order, 4);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].migratetype, KF_MIGRATE_RECLAIMABLE);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].fallback_migratetype, KF_MIGRATE_MOVABLE);
	kf_free_pages(page, 4);
	CHECK_VALID();
}

#define MOST 8192
static struct page *held[MOST];
static unsigned nr_held;

static void hold_all(u32 gfp, unsigned order)
{
	while (nr_held < MOST && (held[nr_held] = kf_alloc_pages(gfp | KF_GFP_NOWARN, order)))
		nr_held++;
}

static void let_go(unsigned order)
{
	while (nr_held)
		kf_free_pages(held[--nr_held], order);
}

static unsigned woken;

static bool on_kswapd(unsigned zone, unsigned order)
{
	woken++;
	return false;
}

/*
 * All memory is in movable blocks of order 5; one of them is freed. Expect an unmovable request to take it over, and
 * kswapd to be woken because types are mixed now.
 */
static void steals_small(void)
{
	struct page *page;

	hold_all(MOVABLE | KF_GFP_MEMALLOC, 5);
	kf_free_pages(held[--nr_held], 5);
	kf_hooks.kswapd = on_kswapd;
	woken = 0;
	trace(true);
	page = kf_alloc_pages(KF_GFP_MEMALLOC | KF_GFP_KSWAPD_RECLAIM, 4);
	REQUIRE(page != NULL);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].value, 5);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC_EXTFRAG].migratetype, KF_MIGRATE_UNMOVABLE);
	trace(false);
	CHECK(woken > 0);
	CHECK_EQ(stat_of(KF_ZONE_NORMAL).boost, 0);
	CHECK_VALID();
	kf_free_pages(page, 4);
	let_go(5);
}

/* A request that may not wake kswapd leaves the watermark boosted. Expect one page block, and the next wake to end it. */
static void boosts(void)
{
	struct page *page;

	hold_all(MOVABLE | KF_GFP_MEMALLOC, 5);
	for (unsigned i = 0; i < nr_held;
	     i++) /* half of each page block, so that none is free as a whole */
		if (kf_page_to_pfn(held[i]) & 32) {
			kf_free_pages(held[i], 5);
			held[i--] = held[--nr_held];
		}
	page = kf_alloc_pages(0, 4);
	REQUIRE(page != NULL);
	CHECK_EQ(stat_of(KF_ZONE_NORMAL).boost, 512);
	kf_free_pages(page, 4);
	let_go(5);
	CHECK_VALID();
}

/* ---- highatomic ---------------------------------------------------------------------------------------------- */

/*
 * Expect an atomic block of order 1 from below the low watermark to get its page block reserved, ordinary requests
 * to count it as not there, atomic ones to use it, and pressure to give it up.
 */
static u64 reserved(void)
{
	u64 pages = 0;

	for (int id = 0; id < KF_NR_ZONES; id++) {
		struct kf_zone_stat stat = stat_of((enum kf_zone_id)id);

		CHECK_EQ(stat.reserved_highatomic, 512 * stat.nr_blocks[KF_MIGRATE_HIGHATOMIC]);
		pages += stat.reserved_highatomic;
	}
	return pages;
}

static void highatomic(void)
{
	struct page *page;

	hold_all(GFP_KERNEL | KF_GFP_NORETRY, 1);
	page = kf_alloc_pages(KF_GFP_ATOMIC | KF_GFP_NOWARN, 1);
	REQUIRE(page != NULL);
	CHECK_EQ(reserved(), 512);
	CU_ASSERT_PTR_NULL(kf_alloc_pages(KF_GFP_NOWAIT | KF_GFP_NOWARN, 1));
	kf_free_pages(page, 1);
	let_go(1);
	CHECK_VALID();
	CHECK_EQ(reserved(), 512);
	hold_all(GFP_KERNEL, 1); /* until nothing is left: the reserve is given up */
	CHECK_EQ(reserved(), 0);
	let_go(1);
}

/* ---- lists of the CPUs ------------------------------------------------------------------------------------------ */

/* Expect 0.1 % of 8192 pages, a quarter, less than a power of two: 2 + 1 -> 2 - 1 = 1; high at least 4 batches. */
static void pageset_sizes(void)
{
	struct kf_pageset_stat stat = normal_pageset(0);

	CHECK_EQ(stat.batch, 1);
	CHECK_EQ(stat.high, stat_of(KF_ZONE_NORMAL).low / 8);
	kf_pageset_stat(KF_ZONE_NORMAL, 8, &stat);
	CHECK_EQ(stat.high, 0);
}

/* Expect a freed page to stay with the CPU and to be the next one that it gets, and a drain to empty its lists. */
static void last_in_first_out(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0), *other;
	struct kf_zone_stat stat;

	kf_free_pages(page, 0);
	CHECK(normal_pageset(0).count > 0);
	other = kf_alloc_pages(GFP_KERNEL, 0);
	CHECK(other == page);
	kf_free_pages(other, 0);
	trace(true);
	kf_drain_local_pages();
	CHECK(events[KF_EVENT_PAGE_PCPU_DRAIN] > 0);
	trace(false);
	CHECK_EQ(normal_pageset(0).count, 0);
	stat = stat_of(KF_ZONE_NORMAL);
	CHECK_EQ(stat.free_pcp, 0);
}

/* Expect the second free of a page that lies in a CPU's list to be told. */
static void double_free_in_list(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);

	kf_free_pages(page, 0);
	kf_free_pages(page, 0);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK_VALID();
}

/* Expect a CPU to give pages back when it has more than `high`, and never to keep more. */
static void gives_surplus_back(void)
{
	unsigned high = normal_pageset(0).high;

	while (nr_held < 4 * high)
		held[nr_held++] = kf_alloc_pages(GFP_KERNEL, 0);
	while (nr_held) {
		kf_free_pages(held[--nr_held], 0);
		CHECK(normal_pageset(0).count < high);
	}
	CHECK_VALID();
}

/* Expect orders up to 3 in the lists, and larger ones past them. */
static void small_orders_only(void)
{
	kf_drain_all_pages();
	kf_free_pages(kf_alloc_pages(GFP_KERNEL, 4), 4);
	CHECK_EQ(normal_pageset(0).count, 0);
	kf_free_pages(kf_alloc_pages(GFP_KERNEL, 3), 3);
	CHECK(normal_pageset(0).count >= 8);
}

/* ---- the trace of a page ------------------------------------------------------------------------------------------- */

/* Expect the kernel's tracepoints for a page past the lists, and one with no page for a request that failed. */
static void traced(void)
{
	struct page *page;

	trace(true);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_RECLAIMABLE, 5);
	kf_free_pages(page, 5);
	CHECK_EQ(events[KF_EVENT_PAGE_ALLOC], 1);
	CHECK_EQ(events[KF_EVENT_PAGE_ALLOC_ZONE_LOCKED], 1);
	CHECK_EQ(events[KF_EVENT_PAGE_FREE], 1);
	CHECK(newest[KF_EVENT_PAGE_ALLOC].page == page && newest[KF_EVENT_PAGE_FREE].page == page);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC].migratetype, KF_MIGRATE_RECLAIMABLE);
	CHECK_EQ(newest[KF_EVENT_PAGE_ALLOC].gfp, GFP_KERNEL | KF_GFP_RECLAIMABLE);
	CHECK_EQ(newest[KF_EVENT_PAGE_FREE].order, 5);
	hold_all(GFP_KERNEL, 10);
	CU_ASSERT_PTR_NULL(newest[KF_EVENT_PAGE_ALLOC].page);
	CHECK(events[KF_EVENT_KSWAPD_WAKE] > 0);
	trace(false);
	let_go(10);
}

static const CU_TestInfo tests[] = {
	{"begins movable", begins_movable},
	{"steals the largest", steals_largest},
	{"steals a small one", steals_small},
	{"boosts", boosts},
	{"highatomic", highatomic},
	{"pageset sizes", pageset_sizes},
	{"last in, first out", last_in_first_out},
	{"double free in a list", double_free_in_list},
	{"gives surplus back", gives_surplus_back},
	{"small orders only", small_orders_only},
	{"traced", traced},
	CU_TEST_INFO_NULL,
};

const struct suite migrate_suite = {"migrate types", fixture_start, fixture_stop, tests};
