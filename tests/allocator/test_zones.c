// SPDX-License-Identifier: GPL-2.0-only
/*
 * What zones keep back, and from whom: watermarks, lowmem_reserve, the reserves of atomic requests, HighMem.
 *
 *	Normal of the test world: 8192 pages; lowmem 10239 pages (one is the page at 0), so
 *	min_free_kbytes = int_sqrt(40956 * 16) = 809, which is 202 pages for all zones
 */
#include "test.h"

#define NORMAL_PAGES (32 * MIB >> 12)

static struct kf_zone_stat stat_of(enum kf_zone_id id)
{
	struct kf_zone_stat stat;

	kf_zone_stat(id, &stat);
	return stat;
}

/* ---- a zone is emptied down to n free pages ----------------------------------------------------------- */

#define MOST 16384
static struct page *held[MOST];
static unsigned nr_held;

static void hold(u32 gfp, u64 n)
{
	while (n--) {
		held[nr_held] = kf_alloc_pages(gfp | KF_GFP_NOWARN, 0);
		if (!held[nr_held])
			return;
		nr_held++;
	}
}

static void let_go(void)
{
	while (nr_held)
		kf_free_pages(held[--nr_held], 0);
}

/* As many pages as gfp can get, one by one. */
static u64 can_get(u32 gfp)
{
	unsigned before = nr_held;
	u64 n;

	hold(gfp, MOST);
	n = nr_held - before;
	while (nr_held > before)
		kf_free_pages(held[--nr_held], 0);
	return n;
}

static u64 free_after(u32 gfp, enum kf_zone_id id)
{
	u64 free;

	hold(gfp, MOST);
	kf_drain_all_pages();
	free = stat_of(id).free;
	let_go();
	return free;
}

/* ---- tests ---------------------------------------------------------------------------------------------- */

/* Expect 6.1's formulas. */
static void watermarks(void)
{
	struct kf_zone_stat normal = stat_of(KF_ZONE_NORMAL), high = stat_of(KF_ZONE_HIGHMEM);

	CHECK_EQ(kf_min_free_kbytes(), 809);
	CHECK_EQ(normal.managed, NORMAL_PAGES);
	/* All but HighMem share the 202 pages: 10239 of low memory and 2048 of Movable. */
	CHECK_EQ(normal.min, 202ull * NORMAL_PAGES / (10239 + 2048));
	CHECK_EQ(normal.low, normal.min + normal.min / 4);
	CHECK_EQ(normal.high, normal.low + normal.min / 4);
	CHECK_EQ(normal.promo, normal.high + normal.min / 4);
	CHECK_EQ(high.min, 32); /* 2048 / 1024, but at least 32 */
	CHECK_EQ(normal.boost, 0);
}

/* Expect managed pages of the zones above over the ratio: 256, 256, 32, none, none. */
static void lowmem_reserve(void)
{
	struct kf_zone_stat dma = stat_of(KF_ZONE_DMA), dma32 = stat_of(KF_ZONE_DMA32);
	struct kf_zone_stat normal = stat_of(KF_ZONE_NORMAL), high = stat_of(KF_ZONE_HIGHMEM);

	CHECK_EQ(dma.protection[KF_ZONE_DMA], 0);
	CHECK_EQ(dma.protection[KF_ZONE_DMA32], 1536 / 256);
	CHECK_EQ(dma.protection[KF_ZONE_NORMAL], (1536 + 8192) / 256);
	CHECK_EQ(dma32.protection[KF_ZONE_MOVABLE], (8192 + 2048 + 2048) / 256);
	CHECK_EQ(normal.protection[KF_ZONE_HIGHMEM], 2048 / 32);
	CHECK_EQ(normal.protection[KF_ZONE_MOVABLE], 4096 / 32);
	CHECK_EQ(high.protection[KF_ZONE_MOVABLE], 0);
}

/*
 * Expect each class of requests to leave in Normal what 4.4 says, and not a page less.
 *
 *	GFP_KERNEL, GFP_NOWAIT	min
 *	__GFP_HIGH		min - min/2
 *	GFP_ATOMIC		min - min/2, and a quarter of that
 *	MEMALLOC		nothing
 *	MEMALLOC, NOMEMALLOC	min
 */
static void who_may_go_below(void)
{
	u64 min = stat_of(KF_ZONE_NORMAL).min, half = min - min / 2;

	CHECK_EQ(free_after(GFP_KERNEL, KF_ZONE_NORMAL), min);
	CHECK_EQ(free_after(KF_GFP_NOWAIT, KF_ZONE_NORMAL), min);
	CHECK_EQ(free_after(GFP_KERNEL | KF_GFP_HIGH, KF_ZONE_NORMAL), half);
	CHECK_EQ(free_after(KF_GFP_ATOMIC, KF_ZONE_NORMAL), half - half / 4);
	CHECK_EQ(free_after(KF_GFP_ATOMIC | KF_GFP_NOMEMALLOC, KF_ZONE_NORMAL), half);
	CHECK_EQ(free_after(GFP_KERNEL | KF_GFP_MEMALLOC, KF_ZONE_NORMAL), 0);
	CHECK_EQ(free_after(GFP_KERNEL | KF_GFP_MEMALLOC | KF_GFP_NOMEMALLOC, KF_ZONE_NORMAL), min);
}

static u32 task_bits;

static u32 current_task(void)
{
	return task_bits;
}

static u64 free_as(u32 bits, u32 gfp)
{
	task_bits = bits;
	return free_after(gfp, KF_ZONE_NORMAL);
}

/* Expect what a task is to count as its requests' flags do; in hard interrupts it does not. */
static void whose_task(void)
{
	u64 min = stat_of(KF_ZONE_NORMAL).min, half = min - min / 2;

	kf_hooks.task = current_task;
	CHECK_EQ(free_as(KF_TASK_MEMALLOC, GFP_KERNEL), 0);
	CHECK_EQ(free_as(KF_TASK_MEMALLOC | KF_TASK_SOFTIRQ, KF_GFP_NOWAIT), 0);
	CHECK_EQ(free_as(KF_TASK_MEMALLOC | KF_TASK_HARDIRQ, KF_GFP_NOWAIT), min);
	CHECK_EQ(free_as(KF_TASK_MEMALLOC, GFP_KERNEL | KF_GFP_NOMEMALLOC), min);
	CHECK_EQ(free_as(KF_TASK_OOM_VICTIM, GFP_KERNEL), half);
	CHECK_EQ(free_as(KF_TASK_REALTIME, GFP_KERNEL), half);
	CHECK_EQ(free_as(KF_TASK_REALTIME | KF_TASK_SOFTIRQ, KF_GFP_NOWAIT), min);
}

/* Expect DMA to keep more from a request that Normal might have served than from one that must have it. */
static void protects_low_zones(void)
{
	struct kf_zone_stat dma = stat_of(KF_ZONE_DMA);

	CHECK_EQ(free_after(GFP_KERNEL, KF_ZONE_DMA), dma.min + dma.protection[KF_ZONE_NORMAL]);
	CHECK_EQ(free_after(GFP_KERNEL | KF_GFP_DMA, KF_ZONE_DMA), dma.min);
}

/* Expect a page from below the watermarks to be marked as such, and no other. */
static void pfmemalloc_page(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);

	CHECK(!((u64)(uintptr_t)page->lru.next & 2));
	kf_free_pages(page, 0);
	hold(GFP_KERNEL, MOST);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_MEMALLOC, 0);
	CHECK((u64)(uintptr_t)page->lru.next & 2);
	kf_free_pages(page, 0);
	let_go();
	CHECK(kf_gfp_pfmemalloc_allowed(GFP_KERNEL | KF_GFP_MEMALLOC));
	CHECK(!kf_gfp_pfmemalloc_allowed(GFP_KERNEL));
}

/* Expect order 1 to fail when only single pages are free, however many. */
static void needs_a_block(void)
{
	hold(GFP_KERNEL | KF_GFP_MEMALLOC, MOST);
	for (unsigned i = 0; i < nr_held; i++)
		if (kf_page_to_pfn(held[i]) & 1) {
			kf_free_pages(held[i], 0);
			held[i--] = held[--nr_held];
		}
	kf_drain_all_pages();
	CHECK(stat_of(KF_ZONE_NORMAL).free >= NORMAL_PAGES / 2);
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 1));
	CHECK_VALID();
	let_go();
}

/* Expect Movable only for high and movable requests, HighMem for all high ones, and the fallback of both. */
static void high_zones(void)
{
	u64 kernel = can_get(GFP_KERNEL), high = can_get(GFP_KERNEL | KF_GFP_HIGHMEM);
	u64 movable = can_get(GFP_KERNEL | KF_GFP_HIGHMEM | KF_GFP_MOVABLE);

	CHECK_EQ(can_get(GFP_KERNEL | KF_GFP_MOVABLE), kernel);
	CHECK(high > kernel + 1800 && high <= kernel + 2048);
	CHECK(movable > high + 1800 && movable <= high + 2048);
}

/* Expect high pages to be zeroed, poisoned and checked like others, though nobody has an address of them. */
static void high_content(void)
{
	const u32 gfp = GFP_KERNEL | KF_GFP_HIGHMEM;
	struct page *page = kf_alloc_pages(gfp | GFP_ZERO, 0);
	char *p = kf_frame_virt(kf_page_to_pfn(page));
	struct kf_object obj;

	CU_ASSERT_PTR_NULL(kf_page_address(page));
	CHECK(!kf_virt_addr_valid(kf_phys_to_virt(kf_page_to_pfn(page) << 12)));
	CHECK(!mapped(kf_phys_to_virt(kf_page_to_pfn(page) << 12)));
	CHECK(all_bytes(p, 0, 4096));
	CHECK(told.born.addr == p);
	CHECK(!kf_object_at(kf_phys_to_virt(kf_page_to_pfn(page) << 12), &obj));
	kf_free_pages(page, 0);
	CHECK(all_bytes(p, 0xaa, 4096));
	p[5] = 1;
	CHECK(kf_alloc_pages(gfp, 0) == page);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	kf_free_pages(page, 0);
}

static void plain_start(void)
{
	struct kf_settings settings;

	kf_settings_default(&settings);
	settings.min_free_kbytes = 4096;
	fixture_start_with(&settings);
}

/* Without the setting, expect __GFP_HIGHMEM to mean Normal, and min_free_kbytes to be what was asked for. */
static void without_highmem(void)
{
	struct page *page;

	CHECK_EQ(kf_min_free_kbytes(), 4096);
	CHECK_EQ(stat_of(KF_ZONE_NORMAL).min, 1024ull * NORMAL_PAGES / (10239 + 2048));
	CHECK_EQ(stat_of(KF_ZONE_HIGHMEM).spanned, 0);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_HIGHMEM, 0);
	CHECK(kf_page_address(page) != NULL);
	kf_free_pages(page, 0);
}

static const CU_TestInfo reserve_tests[] = {
	{"watermarks", watermarks},
	{"lowmem_reserve", lowmem_reserve},
	{"who may go below", who_may_go_below},
	{"whose task", whose_task},
	{"protects low zones", protects_low_zones},
	{"pfmemalloc page", pfmemalloc_page},
	{"needs a block", needs_a_block},
	{"high zones", high_zones},
	{"high content", high_content},
	CU_TEST_INFO_NULL,
};

const struct suite reserves_suite = {"reserves", fixture_start, fixture_stop, reserve_tests};

static const CU_TestInfo plain_tests[] = {
	{"without HighMem", without_highmem},
	CU_TEST_INFO_NULL,
};

const struct suite plain_zones_suite = {"zones without HighMem", plain_start, fixture_stop,
					plain_tests};
