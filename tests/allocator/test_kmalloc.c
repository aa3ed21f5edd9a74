// SPDX-License-Identifier: GPL-2.0-only
/*
 * Size classes, large blocks, ksize, krealloc.
 */
#include <stdio.h>

#include "../../allocator/core/state.h"
#include "test.h"

/* Expect the kernel's 13 classes in the kernel's order of index, in four types with the kernel's names. */
static void classes(void)
{
	static const size_t sizes[] = {0,   96,	 192, 8,    16,	  32,	64,
				       128, 256, 512, 1024, 2048, 4096, 8192};
	static const char *const prefix[] = {"kmalloc-", "kmalloc-cg-", "kmalloc-rcl-",
					     "dma-kmalloc-"};
	char name[40];

	for (int type = 0; type < KF_NR_KMALLOC_TYPES; type++)
		for (unsigned i = 1; i <= 13; i++) {
			const struct kf_cache *cache =
				kf_kmalloc_cache((enum kf_kmalloc_type)type, i);

			if (sizes[i] < 1024)
				snprintf(name, sizeof(name), "%s%zu", prefix[type], sizes[i]);
			else
				snprintf(name, sizeof(name), "%s%zuk", prefix[type],
					 sizes[i] >> 10);
			CU_ASSERT_STRING_EQUAL(kf_cache_name(cache), name);
			CHECK_EQ(kf_cache_object_size(cache), sizes[i]);
		}
	CU_ASSERT_PTR_NULL(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 0));
	CU_ASSERT_PTR_NULL(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 14));
}

/* Expect the class above each size, 96 and 192 among them, and whole pages above 8 KiB. */
static void rounding(void)
{
	static const size_t cases[][2] = {
		{0, 0},	      {1, 8},	    {8, 8},	   {9, 16},	   {64, 64},
		{65, 96},     {96, 96},	    {97, 128},	   {129, 192},	   {193, 256},
		{1025, 2048}, {8192, 8192}, {8193, 16384}, {16385, 32768}, {4 << 20, 4 << 20},
		{~0ul, ~0ul},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_EQ(kf_kmalloc_size_roundup(cases[i][0]), cases[i][1]);
	for (size_t size = 1; size <= 8192; size++) {
		struct kf_object obj;
		char *p = kf_kmalloc(size, GFP_KERNEL);

		kf_object_at(p, &obj);
		CHECK(obj.usable == kf_kmalloc_size_roundup(size) && obj.size == size);
		kf_kfree(p);
	}
}

/* Expect powers of two to be aligned to themselves. */
static void natural_alignment(void)
{
	for (size_t size = 8; size <= 8192; size *= 2)
		for (int i = 0; i < 20; i++) {
			void *p = kf_kmalloc(size, GFP_KERNEL);

			CHECK_EQ((uintptr_t)p % size, 0);
			kf_kfree(p);
		}
}

/* Expect ZERO_SIZE_PTR, asked of nobody, and free to free. */
static void zero_size(void)
{
	CHECK(kf_kmalloc(0, GFP_KERNEL) == KF_ZERO_SIZE_PTR);
	kf_kfree(KF_ZERO_SIZE_PTR);
	kf_kfree(NULL);
	CHECK_EQ(told.might_alloc + told.allocated + told.freed, 0);
	CHECK_EQ(kf_ksize(KF_ZERO_SIZE_PTR), 0);
	CHECK_EQ(kf_ksize(NULL), 0);
}

/* Expect DMA before RECLAIMABLE before ACCOUNT. */
static void types(void)
{
	static const struct {
		u32 gfp;
		enum kf_kmalloc_type type;
	} cases[] = {
		{0, KF_KMALLOC_NORMAL},
		{KF_GFP_ACCOUNT, KF_KMALLOC_CGROUP},
		{KF_GFP_RECLAIMABLE | KF_GFP_ACCOUNT, KF_KMALLOC_RECLAIM},
		{KF_GFP_DMA | KF_GFP_RECLAIMABLE | KF_GFP_ACCOUNT, KF_KMALLOC_DMA},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *p = kf_kmalloc(100, GFP_KERNEL | cases[i].gfp);

		CHECK(told.born.cache == kf_kmalloc_cache(cases[i].type, 7));
		CHECK(told.request.cache == told.born.cache);
		kf_kfree(p);
	}
	kf_kfree(kf_kmalloc(8, GFP_KERNEL | KF_GFP_DMA32));
	expect_bug(KF_BUG_WARN);
}

/* Expect a compound block above 8 KiB, guarded after the bytes that were asked for. */
static void large(void)
{
	u64 free = free_pages_now();
	char *p = kf_kmalloc(10000, GFP_KERNEL | GFP_ZERO);

	CHECK_EQ(told.request.kind, KF_KMALLOC_LARGE);
	CHECK_EQ(told.request.order, 2);
	CHECK(told.born.size == 10000 && told.born.usable == 16384 && !told.born.cache);
	CHECK_EQ(free_pages_now(), free - 4);
	CHECK(all_bytes(p, 0, 10000) && (u8)p[10000] == 0xcc);
	CHECK(kf_virt_to_page(p)->flags & 1ull << 16);
	kf_kfree(p);
	CHECK_EQ(free_pages_now(), free);
	CHECK(all_bytes(p, 0xaa, 16384));
}

/* Expect 4 MiB to be the limit, with a warning beyond it that __GFP_NOWARN silences. */
static void largest(void)
{
	kf_kfree(kf_kmalloc(4 << 20, GFP_KERNEL));
	CHECK_EQ(told.allocated, 1);
	CU_ASSERT_PTR_NULL(kf_kmalloc((4 << 20) + 1, GFP_KERNEL));
	expect_bug(KF_BUG_WARN);
	CU_ASSERT_PTR_NULL(kf_kmalloc(~0ul, GFP_KERNEL | KF_GFP_NOWARN));
}

/* Expect the whole bucket, then owned by the caller: the guard moves, and what was zeroed is zero on. */
static void ksize(void)
{
	char *plain = kf_kmalloc(100, GFP_KERNEL), *zero = kf_kmalloc(100, GFP_KERNEL | GFP_ZERO);
	char *big = kf_kmalloc(10000, GFP_KERNEL | GFP_ZERO);

	CHECK_EQ(kf_ksize(plain), 128);
	memset(plain, 1, 128);
	CHECK_EQ(kf_ksize(zero), 128);
	CHECK(all_bytes(zero, 0, 128));
	CHECK_EQ(kf_ksize(big), 16384);
	CHECK(all_bytes(big, 0, 16384));
	CHECK_EQ(kf_check_all(), 0);
	kf_kfree(plain);
	kf_kfree(zero);
	kf_kfree(big);
	kf_ksize(plain);
	expect_bug(KF_BUG_WARN);
}

/*
 * Expect the same address as long as the bucket holds the size, nobody asked, and the guard to move along.
 *
 *	100 of 128   |####....|cc|      120 of 128   |######..|cc|
 */
static void krealloc_in_place(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL);

	memset(p, 3, 100);
	refuse = 1;
	CHECK(kf_krealloc(p, 120, GFP_KERNEL) == p);
	CHECK_EQ(refuse, 1);
	refuse = 0;
	CHECK(all_bytes(p, 3, 100) && all_bytes(p + 120, 0xcc, 8));
	memset(p, 4, 120);
	CHECK(kf_krealloc(p, 50, GFP_KERNEL) == p);
	CHECK(all_bytes(p + 50, 0xcc, 78));
	CHECK_EQ(told.allocated, 1);
	kf_kfree(p);
	CHECK_EQ(told.died.size, 50);
}

/* Expect a new object with the old bytes, the old one freed; zeros on where the kernel had zeroed the bucket. */
static void krealloc_moves(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL | GFP_ZERO), *q;

	memset(p, 3, 100);
	q = kf_krealloc(p, 1000, GFP_KERNEL);
	CHECK(q != p && all_bytes(q, 3, 100) && all_bytes(q + 100, 0, 28));
	CHECK(told.allocated == 2 && told.freed == 1);
	p = kf_krealloc(q, 20000, GFP_KERNEL | GFP_ZERO);
	CHECK(all_bytes(p, 3, 100) && all_bytes(p + 1024, 0, 20000 - 1024));
	kf_kfree(p);
}

/* Expect what lay behind the old size to come along, whatever __GFP_ZERO says: the kernel copies the bucket. */
static void krealloc_zero_is_late(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL), *q;

	q = kf_krealloc(p, 200, GFP_KERNEL | GFP_ZERO);
	CHECK(q != p && all_bytes(q + 100, 0xcc, 28) && all_bytes(q + 128, 0, 72));
	kf_kfree(q);
}

/* Expect GFP_DMA32 and movable memory not to be had through kmalloc, large or small. */
static void no_place_of_its_own(void)
{
	void *large = kf_kmalloc(20000, GFP_KERNEL | KF_GFP_DMA32), *small;

	expect_bug(KF_BUG_WARN);
	CHECK(kf_virt_to_phys(large) >= test_layout.zone[KF_ZONE_NORMAL].start);
	CHECK_EQ(told.born.gfp & KF_GFP_DMA32, 0);
	kf_kfree(large);
	small = kf_kmalloc(100, GFP_KERNEL | KF_GFP_MOVABLE);
	CHECK_EQ(kf_state()->page.frames[kf_virt_to_phys(small) >> 12].gfp & KF_GFP_MOVABLE, 0);
	kf_kfree(small);
}

/* Expect NULL and the old object untouched when the new one is refused. */
static void krealloc_refused(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL);

	memset(p, 3, 100);
	refuse = 1;
	CU_ASSERT_PTR_NULL(kf_krealloc(p, 1000, GFP_KERNEL));
	CHECK(all_bytes(p, 3, 100));
	CHECK_EQ(told.freed, 0);
	kf_kfree(p);
}

/* Expect kmalloc for NULL and ZERO_SIZE_PTR, and kfree for size 0. */
static void krealloc_edges(void)
{
	void *p = kf_krealloc(NULL, 10, GFP_KERNEL),
	     *q = kf_krealloc(KF_ZERO_SIZE_PTR, 10, GFP_KERNEL);

	CHECK(p && q);
	CHECK(kf_krealloc(p, 0, GFP_KERNEL) == KF_ZERO_SIZE_PTR);
	CHECK(kf_krealloc(q, 0, GFP_KERNEL) == KF_ZERO_SIZE_PTR);
	CHECK_EQ(told.freed, 2);
	CU_ASSERT_PTR_NULL(kf_krealloc(p, 20, GFP_KERNEL));
	expect_bug(KF_BUG_DOUBLE_FREE);
}

/* Expect a large block to shrink in place, and to move when it grows beyond its pages. */
static void krealloc_large(void)
{
	char *p = kf_kmalloc(9000, GFP_KERNEL), *q;

	memset(p, 3, 9000);
	CHECK(kf_krealloc(p, 16384, GFP_KERNEL) == p);
	memset(p, 3, 16384);
	CHECK(kf_krealloc(p, 100, GFP_KERNEL) == p);
	CHECK(all_bytes(p + 100, 0xcc, 256));
	q = kf_krealloc(p, 16385, GFP_KERNEL);
	CHECK(q != p && all_bytes(q, 3, 100));
	kf_kfree(q);
}

/* Expect the caller's cache and the caller's size. */
static void trace(void)
{
	void *p = kf_kmalloc_trace(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 6), GFP_KERNEL, 40);

	CHECK(told.born.size == 40 && told.born.usable == 64);
	kf_kfree(p);
}

static const CU_TestInfo tests[] = {
	{"classes", classes},
	{"rounding", rounding},
	{"natural alignment", natural_alignment},
	{"zero size", zero_size},
	{"types", types},
	{"large", large},
	{"largest", largest},
	{"ksize", ksize},
	{"krealloc in place", krealloc_in_place},
	{"krealloc moves", krealloc_moves},
	{"krealloc copies the bucket", krealloc_zero_is_late},
	{"zone and type are not the caller's", no_place_of_its_own},
	{"krealloc refused", krealloc_refused},
	{"krealloc edges", krealloc_edges},
	{"krealloc large", krealloc_large},
	{"kmalloc_trace", trace},
	CU_TEST_INFO_NULL,
};

const struct suite kmalloc_suite = {"kmalloc", fixture_start, fixture_stop, tests};
