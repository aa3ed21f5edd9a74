// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of single pages. The setting kmap_force makes them real for pages that have an address too, so that
 * the pool and the stack are used in this world without HighMem.
 */
#include "test.h"

#include "../../allocator/core/settings.h"
#include "../../allocator/core/state.h"
#include "../../allocator/kin/kmap.h"
#include "../../allocator/kin/mempool.h"

#define SLOTS 512
#define DEEP  16

static struct page *pages[SLOTS + 1];

static void start_forced(void)
{
	struct kf_settings settings;

	kf_settings_default(&settings);
	settings.kmap_force = true;
	settings.highmem = true;
	fixture_start_with(&settings);
}

static bool same_memory(char *mapping, struct page *page)
{
	char *direct = kf_page_address(page);

	mapping[5]++;
	return mapping != direct && mapping[5] == direct[5];
}

/* Expect the direct map's address, no slot, and local mappings to be counted all the same. */
static void direct(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *p = kf_page_address(page);

	CHECK(!kf_page_is_highmem(page));
	CHECK(kf_kmap(page) == p);
	kf_kunmap(page);
	CHECK(kf_kmap_local(page) == p && kf_kmap_local_depth() == 1);
	kf_kunmap_local((char *)p + 100);
	CHECK(kf_kmap_local_depth() == 0 && kf_kmap_to_page(p) == page);
	kf_free_pages(page, 0);
}

/* Expect a mempool to keep pages without an address in its reserve, poisoned and checked. */
static void reserve_of_high_pages(void)
{
	const struct kf_mempool_source source = {.kind = KF_MEMPOOL_PAGES, .pool_data = NULL};
	struct kf_mempool *pool = kf_mempool_create(1, &source, GFP_KERNEL);
	u32 gfp = GFP_KERNEL | KF_GFP_HIGHMEM;
	struct page *page = kf_mempool_alloc(pool, gfp), *low;

	REQUIRE(page && kf_page_is_highmem(page));
	refuse = 1;
	low = kf_mempool_alloc(pool, GFP_KERNEL);
	kf_mempool_free(page, pool);
	((char *)kf_frame_virt(kf_page_to_pfn(page)))[7] = 1;
	refuse = 1;
	CHECK(kf_mempool_alloc(pool, gfp) == page);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	kf_mempool_free(low, pool);
	kf_mempool_free(page, pool);
	kf_mempool_destroy(pool);
}

/* Expect the same bytes at another address, one address for all users, and the slot to last until the flush. */
static void pool(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	char *p = kf_kmap(page);

	CHECK(same_memory(p, page));
	CHECK(kf_kmap(page) == p && kf_kmap_to_page(p) == page);
	kf_kunmap(page);
	kf_kunmap(page);
	kf_kunmap(page);
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK(mapped(p));
	kf_kmap_flush_unused();
	CHECK(!mapped(p));
	kf_free_pages(page, 0);
}

/* Expect a page of HighMem, which has no address, to be had through both kinds of mapping. */
static void highmem(void)
{
	struct page *page = kf_alloc_pages(KF_GFP_KERNEL | KF_GFP_HIGHMEM | KF_GFP_ZERO, 0);
	char *p, *q;

	REQUIRE(page && kf_page_is_highmem(page));
	CU_ASSERT_PTR_NULL(kf_page_address(page));
	p = kf_kmap(page);
	q = kf_kmap_local(page);
	CHECK(p != q && all_bytes(p, 0, 4096));
	p[9] = 4;
	CHECK(q[9] == 4 && kf_kmap_to_page(q) == page);
	kf_kunmap_local(q);
	kf_kunmap(page);
	kf_kmap_flush_unused();
	kf_free_pages(page, 0);
}

static void free_one(unsigned attempt)
{
	kf_kunmap(pages[7]);
}

/* Expect slots to be used again when the round is complete, and whoever finds none to wait for one. */
static void exhausted(void)
{
	char *seventh = NULL;

	for (int i = 0; i <= SLOTS; i++)
		pages[i] = kf_alloc_pages(GFP_KERNEL, 0);
	for (int i = 0; i < SLOTS; i++) {
		char *p = kf_kmap(pages[i]);

		seventh = i == 7 ? p : seventh;
	}
	CHECK_EQ(told.waits, 0);
	while_waiting = free_one;
	CHECK(kf_kmap(pages[SLOTS]) == seventh);
	CHECK_EQ(told.waits, 1);
	CHECK(same_memory(seventh, pages[SLOTS]));
	for (int i = 0; i <= SLOTS; i++) {
		if (i != 7)
			kf_kunmap(pages[i]);
		kf_free_pages(pages[i], 0);
	}
	kf_kmap_flush_unused();
}

/* Expect local mappings to nest, to go at once, and both the wrong order and a stranger's address to be told. */
static void local(void)
{
	struct page *a = kf_alloc_pages(GFP_KERNEL, 0), *b = kf_alloc_pages(GFP_KERNEL, 0);
	char *p = kf_kmap_local(a), *q = kf_kmap_local(b);

	CHECK(same_memory(p, a) && same_memory(q, b));
	kf_kunmap_local(p);
	expect_bug(KF_BUG_CONTEXT);
	kf_kunmap_local(kf_page_address(a));
	expect_bug(KF_BUG_INVALID_FREE);
	kf_kunmap_local(q + 4095);
	CHECK(!mapped(q) && mapped(p));
	kf_kunmap_local(p);
	kf_kunmap_local(p);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_free_pages(a, 0);
	kf_free_pages(b, 0);
}

/* Expect the seventeenth in a row to be told and refused, where the kernel stops. */
static void too_deep(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *p[DEEP];

	for (int i = 0; i < DEEP; i++)
		p[i] = kf_kmap_local(page);
	CU_ASSERT_PTR_NULL(kf_kmap_local(page));
	expect_bug(KF_BUG_CONTEXT);
	for (int i = DEEP; i--;)
		kf_kunmap_local(p[i]);
	kf_free_pages(page, 0);
}

/* Expect a rollback to take mappings away that were made since the mark. */
static void rolls_back(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	char *p;

	kf_mapping_mark();
	p = kf_kmap(page);
	CHECK(mapped(p));
	kf_kunmap(page);
	kf_mapping_rollback();
	CHECK(!mapped(p));
	kf_kmap_flush_unused();
	kf_free_pages(page, 0);
}

static const CU_TestInfo tests[] = {
	{"highmem", highmem},
	{"high pages in a mempool", reserve_of_high_pages},
	{"pool", pool},
	{"exhausted", exhausted},
	{"local", local},
	{"too deep", too_deep},
	{"rolls back", rolls_back},
	CU_TEST_INFO_NULL,
};
static const CU_TestInfo direct_tests[] = {{"direct", direct}, CU_TEST_INFO_NULL};

const struct suite kmap_suite = {"kmap, forced", start_forced, fixture_stop, tests};
const struct suite kmap_direct_suite = {"kmap", fixture_start, fixture_stop, direct_tests};
