// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments of pages: carving, references, reuse, fallback, draining.
 */
#include "test.h"

#include "../../allocator/kin/page_frag.h"

#define ANY (~0u)

static struct kf_page_frag_cache cache;

static void *get(u32 size)
{
	return kf_page_frag_alloc_align(&cache, size, GFP_KERNEL, ANY);
}

/*
 * Expect fragments from the end of one block of 32 KiB downwards, aligned as asked, one request for all.
 *
 *	|..................[ c ]...[ b ][ a ]|
 */
static void carves(void)
{
	char *a = get(100), *b = get(300), *c;

	CHECK_EQ(b - a, -300);
	CHECK_EQ((uintptr_t)(a + 100) % 32768, 0);
	c = kf_page_frag_alloc_align(&cache, 100, GFP_KERNEL, ~127u);
	CHECK_EQ((uintptr_t)c % 128, 0);
	CHECK_EQ(told.should_fail, 1);
	CHECK_EQ(told.born.order, 3);
	kf_page_frag_free(a);
	kf_page_frag_free(b);
	kf_page_frag_free(c);
	CHECK_EQ(told.freed, 0); /* the cache holds the block */
	kf_page_frag_cache_empty(&cache);
	CHECK_EQ(told.freed, 1);
}

/* Expect the block to be used again when all fragments are back, and to be left to its fragments when not. */
static void reuses(void)
{
	void *first = get(20000), *second, *third;

	kf_page_frag_free(first);
	second = get(20000);
	CHECK(second == first && told.allocated == 1);
	third = get(20000);
	CHECK(third != second && told.allocated == 2);
	kf_page_frag_free(second);
	CHECK_EQ(told.freed, 1);
	kf_page_frag_free(third);
	kf_page_frag_cache_empty(&cache);
}

/* Expect a single page when 32 KiB are refused, NULL for what does not fit into it, and NULL when both are refused. */
static void falls_back(void)
{
	void *p;

	refuse = 1;
	p = get(4096);
	CHECK(p && cache.size == 4096 && told.born.order == 0);
	kf_page_frag_free(p);
	refuse = 1;
	CU_ASSERT_PTR_NULL(get(5000));
	kf_page_frag_cache_empty(&cache);
	refuse = 2;
	CU_ASSERT_PTR_NULL(get(100));
	CHECK(!cache.va);
	kf_page_frag_cache_empty(&cache);
}

/* Expect the fragments to keep the block when the cache is gone, and a drop of too many references to be told. */
static void drains(void)
{
	void *p = get(64);
	struct page *page = kf_virt_to_page(cache.va);

	kf_page_frag_cache_empty(&cache);
	CHECK(!cache.va && told.freed == 0 && page->refcount == 1);
	kf_page_frag_cache_drain(page, 2);
	expect_bug(KF_BUG_BAD_PAGE);
	kf_page_frag_free(p);
	CHECK_EQ(told.freed, 1);
	kf_page_frag_free((void *)4096);
	expect_bug(KF_BUG_INVALID_FREE);
}

/* Expect skb_page_frag_refill() to keep the page while it has room or nobody else holds it. */
static void refill(void)
{
	struct kf_page_frag frag = {.page = NULL};
	struct page *first;

	CHECK(kf_page_frag_refill(&frag, 1000, GFP_KERNEL) && frag.size == 32768);
	first = frag.page;
	frag.offset = 32000;
	CHECK(kf_page_frag_refill(&frag, 1000, GFP_KERNEL) && frag.page == first && !frag.offset);
	frag.offset = 32000;
	first->refcount++;
	CHECK(kf_page_frag_refill(&frag, 500, GFP_KERNEL) && frag.offset == 32000);
	refuse = 1;
	CHECK(kf_page_frag_refill(&frag, 1000, GFP_KERNEL) && frag.page != first &&
	      frag.size == 4096);
	kf_free_pages(first, 3);
	frag.page->refcount++;
	frag.offset = 4000;
	kf_free_pages(frag.page, 0); /* as put_page() of the other user */
	refuse = 2;
	frag.offset = 0;
	CHECK(kf_page_frag_refill(&frag, 4096, GFP_KERNEL));
	refuse = 0;
	kf_free_pages(frag.page, 0);
}

static void start(void)
{
	fixture_start();
	memset(&cache, 0, sizeof(cache));
}

static const CU_TestInfo tests[] = {
	{"carves", carves}, {"reuses", reuses}, {"falls back", falls_back},
	{"drains", drains}, {"refill", refill}, CU_TEST_INFO_NULL,
};

const struct suite page_frag_suite = {"page_frag", start, fixture_stop, tests};
