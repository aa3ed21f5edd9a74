// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory hotplug: zone Normal grows when it runs dry, by a section at a time, and never further than the layout says.
 */
#include <pthread.h>

#include "test.h"

#define SECTION (128 * MIB)
#define FIRST	(8 * MIB)
#define SECOND	(24 * MIB) /* what is left for a second, smaller section */

/* DMA 0..2 MiB, DMA32 2..8 MiB, Normal 16..24 MiB, and behind it what may come. */
static void start(void)
{
	struct kf_layout layout = test_layout;

	layout.zone[KF_ZONE_NORMAL].end = layout.zone[KF_ZONE_NORMAL].start + FIRST;
	layout.zone[KF_ZONE_HIGHMEM].start = layout.zone[KF_ZONE_HIGHMEM].end = 0;
	layout.zone[KF_ZONE_MOVABLE].start = layout.zone[KF_ZONE_MOVABLE].end = 0;
	layout.hotplug = SECTION + SECOND;
	layout.phys_end = layout.zone[KF_ZONE_NORMAL].end + layout.hotplug;
	fixture_start_in(&layout);
}

/* Memory may have become more, so the usual rule that as much is free as at the start does not hold. */
static void stop(void)
{
	CHECK_EQ(told.allocated, told.freed);
	CHECK_EQ(kf_check_all(), 0);
	fixture_early_stop();
}

static struct kf_zone_stat normal(void)
{
	struct kf_zone_stat stat;

	kf_zone_stat(KF_ZONE_NORMAL, &stat);
	return stat;
}

/* ---- blocks in our hands -------------------------------------------------------------------------------- */

#define MAX_HELD 256
static struct page *held[MAX_HELD];
static unsigned nr_held;

/* Take up to n blocks, and write to both ends of each. */
static void hold(unsigned n, u32 gfp, unsigned order)
{
	struct page *page;

	while (n-- && nr_held < MAX_HELD && (page = kf_alloc_pages(gfp, order))) {
		u8 *p = kf_page_address(page);

		CHECK(kf_virt_addr_valid(p));
		p[0] = p[(KF_PAGE_SIZE << order) - 1] = (u8)nr_held;
		held[nr_held++] = page;
	}
}

/* Expect what was written, and give all back. */
static void let_go(unsigned order)
{
	for (unsigned i = 0; i < nr_held; i++) {
		u8 *p = kf_page_address(held[i]);

		CHECK(p[0] == (u8)i && p[(KF_PAGE_SIZE << order) - 1] == (u8)i);
		kf_free_pages(held[i], order);
	}
	nr_held = 0;
}

/* ---- tests ---------------------------------------------------------------------------------------------- */

/* Expect one section more when Normal has nothing left, without a report, and all of it usable. Frames of the
 * second one are nobody's memory still. */
static void grows(void)
{
	struct kf_zone_stat before = normal();
	void *beyond = (void *)(kf_layout()->direct_map + 24 * MIB + SECTION);

	CHECK_EQ(before.managed, FIRST / KF_PAGE_SIZE);
	hold(20, GFP_KERNEL, 9);
	CHECK_EQ(nr_held, 20);
	CHECK_EQ(normal().managed, before.managed + SECTION / KF_PAGE_SIZE);
	CHECK_EQ(normal().spanned, before.spanned + SECTION / KF_PAGE_SIZE);
	CHECK(normal().min > before.min);
	CHECK(!kf_virt_addr_valid(beyond));
	CHECK_EQ(told.waits, 0);
	CHECK_EQ(told.log[0], 0);
	CHECK_VALID();
	let_go(9);
	CHECK_VALID();
	free_pages_now();
	CHECK_EQ(normal().free, before.free + SECTION / KF_PAGE_SIZE);
}

/* Expect slabs in new memory to know their caches. */
static void slabs(void)
{
	static void *objects[4096];

	for (unsigned i = 0; i < 4096; i++) {
		objects[i] = kf_kmalloc(5000, GFP_KERNEL);
		REQUIRE(objects[i] != NULL);
	}
	CHECK_EQ(normal().managed, (FIRST + SECTION) / KF_PAGE_SIZE);
	CHECK_VALID();
	for (unsigned i = 0; i < 4096; i++) {
		CHECK_EQ(kf_ksize(objects[i]), 8192);
		kf_kfree(objects[i]);
	}
}

/* Expect the last section to be as small as the rest is, and a failure, no more memory, after it. */
static void ends(void)
{
	hold(MAX_HELD, GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_NOWARN, 10);
	CHECK(nr_held < MAX_HELD);
	CHECK(nr_held >= (SECTION + SECOND) / (4 * MIB));
	CHECK_EQ(normal().managed, (FIRST + SECTION + SECOND) / KF_PAGE_SIZE);
	CHECK_EQ(kf_layout()->zone[KF_ZONE_NORMAL].end, kf_layout()->phys_end);
	CHECK_VALID();
	let_go(10);
	CHECK_VALID();
}

/* Expect a request that cannot be served from Normal to fail as ever. */
static void not_for_dma(void)
{
	hold(MAX_HELD, KF_GFP_DMA | GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_NOWARN, 4);
	CHECK(nr_held > 0 && nr_held < MAX_HELD);
	CHECK_EQ(normal().managed, FIRST / KF_PAGE_SIZE);
	let_go(4);
}

#define THREADS	   4
#define PER_THREAD 160u

static pthread_barrier_t all_hold;

static void *taker(void *arg)
{
	struct page *mine[PER_THREAD];

	for (unsigned i = 0; i < PER_THREAD; i++) {
		mine[i] = kf_alloc_pages(GFP_KERNEL, 4);
		if (mine[i])
			memset(kf_page_address(mine[i]), (int)i, KF_PAGE_SIZE);
	}
	pthread_barrier_wait(&all_hold);
	for (unsigned i = 0; i < PER_THREAD; i++) {
		if (!mine[i] || !all_bytes(kf_page_address(mine[i]), (u8)i, KF_PAGE_SIZE))
			return "a page is missing, or somebody else's as well";
		kf_free_pages(mine[i], 4);
	}
	return NULL;
}

/* All threads find Normal dry at about the same time, and 40 MiB are needed: expect one section, not one for each. */
static void together(void)
{
	pthread_t threads[THREADS];
	void *wrong;

	kf_hooks_reset();
	pthread_barrier_init(&all_hold, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, taker, NULL) == 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		CU_ASSERT_PTR_NULL(wrong);
	}
	pthread_barrier_destroy(&all_hold);
	CHECK_EQ(normal().managed, (FIRST + SECTION) / KF_PAGE_SIZE);
	CHECK_VALID();
}

static const CU_TestInfo tests[] = {
	{"grows", grows},	{"slabs", slabs},  {"ends", ends}, {"not for DMA", not_for_dma},
	{"together", together}, CU_TEST_INFO_NULL,
};

const struct suite hotplug_suite = {"hotplug", start, stop, tests};
