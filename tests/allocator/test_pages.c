// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones, blocks, struct page, and every way to ask for pages or to give them back.
 */
#include "test.h"

#define HEAD_BIT (1ull << 16)
#define SLAB_BIT (1ull << 9)

static unsigned zone_number(const struct page *page)
{
	return (unsigned)(page->flags >> 61);
}

static u64 pfn(const struct page *page)
{
	return kf_page_to_pfn(page);
}

/* ---- zones -------------------------------------------------------------------------------- */

/* Expect each zone modifier to get its zone, and no modifier the highest. */
static void gfp_chooses_zone(void)
{
	struct page *dma = kf_alloc_pages(GFP_KERNEL | KF_GFP_DMA, 0);
	struct page *dma32 = kf_alloc_pages(GFP_KERNEL | KF_GFP_DMA32, 0);
	struct page *normal = kf_alloc_pages(GFP_KERNEL, 0);
	struct page *high = kf_alloc_pages(GFP_KERNEL | KF_GFP_HIGHMEM, 0);
	struct page *movable = kf_alloc_pages(GFP_KERNEL | KF_GFP_HIGHMEM | KF_GFP_MOVABLE, 0);
	struct page *low = kf_alloc_pages(GFP_KERNEL | KF_GFP_MOVABLE, 0);

	CHECK(pfn(dma) < 2 * MIB >> 12 && zone_number(dma) == KF_ZONE_DMA);
	CHECK(pfn(dma32) >= 2 * MIB >> 12 && zone_number(dma32) == KF_ZONE_DMA32);
	CHECK(pfn(normal) >= 16 * MIB >> 12 && zone_number(normal) == KF_ZONE_NORMAL);
	CHECK_EQ(zone_number(high), KF_ZONE_HIGHMEM);
	CHECK_EQ(zone_number(movable), KF_ZONE_MOVABLE);
	CHECK_EQ(zone_number(low), KF_ZONE_NORMAL);
	CU_ASSERT_PTR_NULL(kf_page_address(high));
	CHECK(kf_page_address(movable) != NULL);
	kf_free_pages(movable, 0);
	kf_free_pages(low, 0);
	kf_free_pages(dma, 0);
	kf_free_pages(dma32, 0);
	kf_free_pages(normal, 0);
	kf_free_pages(high, 0);
}

#define MANY 4096
static struct page *held[MANY];

static unsigned take_all(u32 gfp, unsigned order)
{
	unsigned n = 0;

	while (n < MANY && (held[n] = kf_alloc_pages(gfp, order)))
		n++;
	return n;
}

static void give_all(unsigned n, unsigned order)
{
	while (n--)
		kf_free_pages(held[n], order);
}

/* Expect Normal, then DMA32, then DMA to be used up by who may, and never one above the limit. */
static void falls_back_downwards(void)
{
	const u32 gfp = GFP_KERNEL | KF_GFP_MEMALLOC;
	unsigned n = take_all(gfp, 9);

	CHECK_EQ(n, 16 + 3);		  /* DMA lost its only 2 MiB block to the page at 0 */
	for (unsigned i = 0; i < 15; i++) /* the last one of Normal is a reserve at first */
		CHECK_EQ(zone_number(held[i]), KF_ZONE_NORMAL);
	CHECK_EQ(zone_number(held[n - 1]), KF_ZONE_DMA32);
	give_all(n, 9);
	n = take_all(gfp | KF_GFP_DMA, 0);
	CHECK(n > 300 && n < 2 * MIB >> 12);
	CHECK_EQ(zone_number(held[n - 1]), KF_ZONE_DMA);
	give_all(n, 0);
}

/* Expect the statistics of an untouched zone, and one page less after taking one. */
static void counts(void)
{
	struct kf_zone_stat before, after;
	struct page *page;

	kf_zone_stat(KF_ZONE_NORMAL, &before);
	CU_ASSERT_STRING_EQUAL(before.name, "Normal");
	CHECK_EQ(before.start_pfn, 16 * MIB >> 12);
	CHECK_EQ(before.spanned, 32 * MIB >> 12);
	CHECK_EQ(before.managed, 32 * MIB >> 12);
	page = kf_alloc_pages(GFP_KERNEL, 0);
	kf_zone_stat(KF_ZONE_NORMAL, &after);
	CHECK_EQ(after.free + after.free_pcp, before.free + before.free_pcp - 1);
	CHECK_EQ(after.pgalloc, before.pgalloc + 1);
	kf_free_pages(page, 0);
}

/*
 * Expect a split to keep the lowest frame, and the merge to restore exactly what was there.
 *
 *	order 10	  |................................|
 *	take order 4  |x|4|5.|6...|7.......|8..........|    one free block of each lower order
 */
static void splits_and_merges(void)
{
	struct kf_zone_stat before, during, after;
	struct page *page;

	shrink_all();
	kf_drain_all_pages();
	kf_zone_stat(KF_ZONE_NORMAL, &before);
	page = kf_alloc_pages(GFP_KERNEL, 4);
	kf_zone_stat(KF_ZONE_NORMAL, &during);
	CHECK_EQ(during.nr_free[10], before.nr_free[10] - 1);
	for (int order = 4; order < 10; order++)
		CHECK_EQ(during.nr_free[order], before.nr_free[order] + 1);
	CHECK_EQ(pfn(page) % 1024, 0);
	kf_free_pages(page, 4);
	kf_zone_stat(KF_ZONE_NORMAL, &after);
	CHECK(!memcmp(before.nr_free, after.nr_free, sizeof(before.nr_free)));
	CHECK_EQ(before.free, after.free);
}

/* Expect each order's block to be aligned to its size. */
static void aligns_blocks(void)
{
	struct page *page[KF_MAX_ORDER];

	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		page[order] = kf_alloc_pages(GFP_KERNEL, order);
		REQUIRE(page[order] != NULL);
		CHECK_EQ(pfn(page[order]) & ((1u << order) - 1), 0);
	}
	CHECK_VALID();
	for (unsigned order = 0; order < KF_MAX_ORDER; order++)
		kf_free_pages(page[order], order);
}

static const CU_TestInfo zone_tests[] = {
	{"gfp chooses the zone", gfp_chooses_zone},
	{"falls back downwards", falls_back_downwards},
	{"counts", counts},
	{"splits and merges", splits_and_merges},
	{"aligns blocks", aligns_blocks},
	CU_TEST_INFO_NULL,
};

const struct suite zones_suite = {"zones", fixture_start, fixture_stop, zone_tests};

/* ---- blocks -------------------------------------------------------------------------------- */

/* Expect one reference on the head of a plain block, none on the others, and clean fields again after. */
static void plain_block(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 2);

	CHECK_EQ(page[0].refcount, 1);
	CHECK_EQ(page[0].mapcount, -1);
	for (int i = 1; i < 4; i++)
		CHECK(page[i].refcount == 0 && page[i].mapcount == -1 && !page[i].compound_head);
	CHECK(!(page->flags & HEAD_BIT));
	kf_free_pages(page, 2);
	CHECK_EQ(page[0].refcount, 0);
}

/*
 * Expect the kernel's marks of a compound page, and none of them after its free.
 *
 *	|head PG_head, ref 1|tail 1: dtor, order, nr|tail 2|tail 3|   tails point to head, bit 0 set
 */
static void compound_block(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 2);

	CHECK(page->flags & HEAD_BIT);
	for (int i = 1; i < 4; i++)
		CHECK_EQ(page[i].compound_head, (u64)(uintptr_t)page | 1);
	CHECK_EQ(page[1].compound_dtor, 1);
	CHECK_EQ(page[1].compound_order, 2);
	CHECK_EQ(page[1].compound_nr, 4);
	CHECK_EQ(page[1].compound_mapcount, -1);
	CHECK_EQ(page[1].compound_pincount, 0);
	kf_free_pages(page, 2);
	CHECK(!(page->flags & HEAD_BIT));
	for (int i = 1; i < 4; i++)
		CHECK(!page[i].compound_head || page[i].lru.next != NULL);
	CHECK(!page[3].compound_head && !page[3].mapping);
}

/* Expect order 0 with __GFP_COMP to be an ordinary page. */
static void compound_of_one(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 0);

	CHECK(!(page->flags & HEAD_BIT));
	kf_free_pages(page, 0);
}

/* Expect zeros with __GFP_ZERO even in pages that were used; without it, 0xaa in those. */
static void content(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 1);
	char *p = kf_page_address(page);

	memset(p, 5, 8192);
	kf_free_pages(page, 1);
	CHECK(all_bytes(p, 0xaa, 8192));
	CHECK(kf_alloc_pages(GFP_KERNEL, 1) == page);
	CHECK(all_bytes(p, 0xaa, 8192));
	kf_free_pages(page, 1);
	CHECK(kf_alloc_pages(GFP_KERNEL | GFP_ZERO, 1) == page);
	CHECK(all_bytes(p, 0, 8192));
	kf_free_pages(page, 1);
}

/* Expect NULL and a warning for order 11, silence with __GFP_NOWARN, and no question to the hooks. */
static void too_large(void)
{
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL, 11));
	expect_bug(KF_BUG_WARN);
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 52));
	CHECK_EQ(told.might_alloc, 0);
}

/* Expect the block to stay until the last reference is gone. */
static void references(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 1);

	page->refcount++;
	kf_free_pages(page, 1);
	CHECK_EQ(told.freed, 0);
	kf_free_pages(page, 1);
	CHECK_EQ(told.freed, 1);
}

/* The kernel drops the last reference itself and then asks to release. Expect the recorded order to go. */
static void release_by_reference(void)
{
	struct page *one = kf_alloc_pages(GFP_KERNEL, 0);
	struct page *four = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 2);
	u64 free = free_pages_now();

	one->refcount = 0;
	kf_release_page(one);
	four->refcount = 0;
	kf_release_page(four);
	CHECK_EQ(free_pages_now(), free + 5);
}

/*
 * A reader holds the head of a plain block while its owner frees it. Expect the other pages to go and the
 * head to remain as a single page, as in __free_pages() of 6.1.
 *
 *	|head, 2 refs|.|.|.|   free   |head, 1 ref|  free  |
 */
static void speculative_reference(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 2);
	u64 free = free_pages_now();
	struct kf_object obj;

	page->refcount = 2;
	kf_free_pages(page, 2);
	CHECK_EQ(free_pages_now(), free + 3);
	CHECK(kf_object_at(kf_page_address(page), &obj) && obj.live && obj.size == 4096);
	page->refcount--;
	kf_release_page(page);
	CHECK_EQ(free_pages_now(), free + 4);
}

/* Expect 2^order single pages, each told to the hooks and freed alone. */
static void split_page(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 2);

	kf_split_page(page, 2);
	CHECK_EQ(told.allocated - told.freed, 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(page[i].refcount, 1);
	for (int i = 3; i >= 0; i--)
		kf_free_pages(page + i, 0);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 1);
	kf_split_page(page, 1);
	expect_bug(KF_BUG_BAD_PAGE);
	kf_free_pages(page, 1);
}

/* Expect only empty slots to be filled, for one request, and the count to include those that were full. */
static void bulk(void)
{
	struct page *pages[5] = {0}, *mine = kf_alloc_pages(GFP_KERNEL, 0);

	pages[2] = mine;
	forget_calls();
	told.allocated = 1;
	CHECK_EQ(kf_alloc_pages_bulk(GFP_KERNEL, 5, pages), 5);
	CHECK(pages[2] == mine);
	CHECK_EQ(told.should_fail, 1);
	CHECK_EQ(told.allocated, 5);
	CHECK_EQ(kf_alloc_pages_bulk(GFP_KERNEL, 5, pages), 5);
	CHECK_EQ(told.should_fail, 1);
	for (int i = 0; i < 5; i++)
		kf_free_pages(pages[i], 0);
}

/* Expect what was there already when the request is refused. */
static void bulk_refused(void)
{
	struct page *pages[3] = {0};

	pages[0] = kf_alloc_pages(GFP_KERNEL, 0);
	refuse = 1;
	CHECK_EQ(kf_alloc_pages_bulk(GFP_KERNEL, 3, pages), 1);
	CHECK(!pages[1] && !pages[2]);
	kf_free_pages(pages[0], 0);
}

static const CU_TestInfo page_tests[] = {
	{"plain block", plain_block},
	{"compound block", compound_block},
	{"compound of one", compound_of_one},
	{"content", content},
	{"too large", too_large},
	{"references", references},
	{"release by reference", release_by_reference},
	{"speculative reference", speculative_reference},
	{"split_page", split_page},
	{"bulk", bulk},
	{"bulk refused", bulk_refused},
	CU_TEST_INFO_NULL,
};

const struct suite page_suite = {"pages", fixture_start, fixture_stop, page_tests};

/* ---- exact blocks ----------------------------------------------------------------------------- */

/*
 * Expect only the pages that hold the bytes to stay.
 *
 *	5 pages asked: |#|#|#|#|#|.|.|.|   order 3 taken, the last three back at once
 */
static void exact(void)
{
	u64 free = free_pages_now();
	struct kf_object obj;
	char *p = kf_alloc_pages_exact(5 * 4096 - 100, GFP_KERNEL | GFP_ZERO);

	CHECK_EQ(free_pages_now(), free - 5);
	CHECK(all_bytes(p, 0, 5 * 4096));
	CHECK(kf_object_at(p + 4 * 4096, &obj) && obj.addr == p && obj.size == 5 * 4096 - 100);
	CHECK_EQ(told.allocated, 1);
	kf_free_pages_exact(p, 5 * 4096 - 100);
	CHECK_EQ(told.freed, 1);
	CHECK_EQ(free_pages_now(), free);
}

/* Expect __GFP_COMP to be taken away with a warning. */
static void exact_compound(void)
{
	void *p = kf_alloc_pages_exact(8192, GFP_KERNEL | KF_GFP_COMP);

	expect_bug(KF_BUG_WARN);
	CHECK(!(kf_virt_to_page(p)->flags & HEAD_BIT));
	kf_free_pages_exact(p, 8192);
}

/* Expect NULL for nothing (get_order(0) is 52) and for too much. */
static void exact_limits(void)
{
	CU_ASSERT_PTR_NULL(kf_alloc_pages_exact(0, GFP_KERNEL));
	expect_bug(KF_BUG_WARN);
	CU_ASSERT_PTR_NULL(kf_alloc_pages_exact((4 << 20) + 1, GFP_KERNEL | KF_GFP_NOWARN));
}

/* Expect a wrong size to be told, and nothing freed. */
static void exact_wrong_size(void)
{
	void *p = kf_alloc_pages_exact(3 * 4096, GFP_KERNEL);

	kf_free_pages_exact(p, 4096);
	expect_bug(KF_BUG_BAD_PAGE);
	kf_free_pages_exact(p, 3 * 4096);
}

static const CU_TestInfo exact_tests[] = {
	{"exact", exact},	  {"compound", exact_compound},
	{"limits", exact_limits}, {"wrong size", exact_wrong_size},
	CU_TEST_INFO_NULL,
};

const struct suite exact_suite = {"exact pages", fixture_start, fixture_stop, exact_tests};
