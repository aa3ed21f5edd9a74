// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of older kernels: size classes, kmalloc(0), what is above, orders; and changing them in a running world.
 */
#include "../../allocator/slab/profile.h"
#include "slub_debug.h"

static void start_profile(const char *name)
{
	start_with(line_of("profile=%s", name));
}

/* Name of the cache and bucket that a request of this size is served from. */
static void expect_class(size_t size, u32 gfp, const char *name, size_t bucket)
{
	void *p = kf_kmalloc(size, gfp);
	struct kf_object obj;

	REQUIRE(p != NULL);
	CHECK(kf_object_at(p, &obj) && obj.addr == p && obj.size == size);
	CHECK_EQ(obj.usable, bucket);
	CHECK_EQ(kf_kmalloc_size_roundup(size), bucket);
	CU_ASSERT_STRING_EQUAL(obj.cache ? kf_cache_name(obj.cache) : "pages", name);
	memset(p, 1, size);
	kf_kfree(p);
}

static void count_classes(struct kf_cache *cache, void *arg)
{
	unsigned *n = arg;
	struct kf_cache_stat stat;

	kf_cache_stat(cache, &stat);
	n[0] += !!(stat.flags & KF_SLAB_KMALLOC);
	n[1] += !!(stat.flags & KF_SLAB_CACHE_DMA);
}

/* Expect 13 sizes of each kind, and NULL above, without a question. */
static void linux_2_4(void)
{
	unsigned n[2] = {0, 0};

	start_profile("2.4");
	kf_cache_for_each(count_classes, n);
	CHECK(n[0] == 26 && n[1] == 13);
	expect_class(1, GFP_KERNEL, "size-32", 32);
	expect_class(33, GFP_KERNEL, "size-64", 64);
	expect_class(96, GFP_KERNEL, "size-128", 128);
	expect_class(192, GFP_KERNEL | KF_GFP_DMA, "size-256(DMA)", 256);
	expect_class(10000, GFP_KERNEL, "size-16384", 16384);
	expect_class(131072, GFP_KERNEL, "size-131072", 131072);
	expect_class(100, GFP_KERNEL | KF_GFP_ACCOUNT, "size-128", 128);
	forget_calls();
	CU_ASSERT_PTR_NULL(kf_kmalloc(131073, GFP_KERNEL));
	CHECK_EQ(told.should_fail, 0);
	fixture_stop();
}

/* Expect kmalloc(0) to be an object, and no order above 9. */
static void linux_2_4_edges(void)
{
	struct page *page;
	void *p;

	start_profile("2.4");
	p = kf_kmalloc(0, GFP_KERNEL);
	CHECK(!KF_ZERO_OR_NULL(p));
	CHECK_EQ(kf_ksize(p), 32);
	kf_kfree(p);
	page = kf_alloc_pages(GFP_KERNEL, 9);
	CHECK(page != NULL);
	kf_free_pages(page, 9);
	/* In silence: fixture_stop() fails on a bug that nobody expected. */
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL, 10));
	fixture_stop();
}

/* Expect an object that fills its pages to have its guard inside them. */
static void large_class(void)
{
	struct kf_cache_stat stat;
	char *p;

	start_profile("2.4");
	p = kf_kmalloc(131000, GFP_KERNEL);
	kf_cache_stat(told.born.cache, &stat);
	CHECK_EQ(stat.order, 5);
	CHECK_EQ((uintptr_t)p % 4096, 0);
	p[131000] = 0;
	kf_kfree(p);
	expect_bug(KF_BUG_REDZONE);
	fixture_stop();
}

static void linux_3_4(void)
{
	start_profile("3.4");
	CHECK(kf_kmalloc(0, GFP_KERNEL) == KF_ZERO_SIZE_PTR);
	expect_class(8, GFP_KERNEL, "size-32", 32);
	expect_class(90, GFP_KERNEL, "size-128", 128);
	expect_class(190, GFP_KERNEL, "size-192", 192);
	expect_class(4 << 20, GFP_KERNEL, "size-4194304", 4 << 20);
	CU_ASSERT_PTR_NULL(kf_kmalloc((4 << 20) + 1, GFP_KERNEL));
	fixture_stop();
	start_profile("3.4-slub");
	expect_class(8, GFP_KERNEL, "kmalloc-8", 8);
	expect_class(1024, GFP_KERNEL, "kmalloc-1024", 1024);
	expect_class(1024, GFP_KERNEL | KF_GFP_DMA, "dma-kmalloc-1024", 1024);
	expect_class(8193, GFP_KERNEL, "pages", 16384);
	fixture_stop();
}

/* Expect 6.1 as ever. */
static void linux_6_1(void)
{
	start_with(NULL);
	CU_ASSERT_STRING_EQUAL(kf_profile()->name, "6.1");
	expect_class(1000, GFP_KERNEL, "kmalloc-1k", 1024);
	expect_class(1000, GFP_KERNEL | KF_GFP_ACCOUNT, "kmalloc-cg-1k", 1024);
	expect_class(1000, GFP_KERNEL | KF_GFP_RECLAIMABLE, "kmalloc-rcl-1k", 1024);
	expect_class(8193, GFP_KERNEL, "pages", 16384);
	fixture_stop();
}

/* Expect a change in a running world to be for new requests: old objects stay whole, also for kfree and ksize. */
static void change(void)
{
	struct kf_cache *class_of_6_1;
	char err[KF_PROFILE_ERR], *old, *large, *p;

	start_with(NULL);
	old = kf_kmalloc(96, GFP_KERNEL);
	large = kf_kmalloc(200000, GFP_KERNEL);
	class_of_6_1 = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 1);
	REQUIRE(kf_profile_set("2.4", err) == 0);
	CHECK_EQ(kf_ksize(old), 96);
	CU_ASSERT_PTR_NULL(kf_kmalloc(200000, GFP_KERNEL));
	/* a kernel of 6.1 chose the class when it was compiled */
	p = kf_kmalloc_trace(class_of_6_1, GFP_KERNEL, 90);
	CU_ASSERT_STRING_EQUAL(kf_cache_name(told.born.cache), "size-128");
	kf_kfree(p);
	kf_kfree(old);
	kf_kfree(large);
	REQUIRE(kf_profile_set("6.1", err) == 0);
	CHECK(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 1) == class_of_6_1);
	expect_class(96, GFP_KERNEL, "kmalloc-96", 96);
	CHECK_EQ(kf_profile_set("2.5", err), -22);
	CU_ASSERT_STRING_EQUAL(err, "no profile \"2.5\"; there are 6.1, 2.4, 3.4, 3.4-slub");
	CU_ASSERT_STRING_EQUAL(kf_profile()->name, "6.1");
	CHECK_VALID();
	fixture_stop();
}

static const CU_TestInfo tests[] = {
	{"2.4", linux_2_4},
	{"2.4, edges", linux_2_4_edges},
	{"a class of whole pages", large_class},
	{"3.4", linux_3_4},
	{"6.1", linux_6_1},
	{"change", change},
	CU_TEST_INFO_NULL,
};

const struct suite profile_suite = {"profile", nothing, nothing, tests};
