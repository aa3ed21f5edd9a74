// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early memory: reserve, free, allocate, hand over.
 */
#include "test.h"

static u64 phys(const void *p)
{
	return kf_virt_to_phys(p);
}

/*
 * Expect the highest place that is free: the end of zone Normal, then right below it.
 *
 *	Normal |..............[ b ][ a ]| 48 MiB
 */
static void allocates_top_down(void)
{
	void *a = kf_memblock_alloc(4096, 4096, 0, 0, false);
	void *b = kf_memblock_alloc(8192, 4096, 0, 0, false);

	CHECK_EQ(phys(a), 48 * MIB - 4096);
	CHECK_EQ(phys(b), 48 * MIB - 3 * 4096);
	CHECK(kf_memblock_is_reserved(phys(b)) && kf_memblock_is_reserved(phys(a) + 4095));
	CHECK(!kf_memblock_is_reserved(phys(b) - 1));
}

/* Expect zeros, unless raw memory was asked for: then what was there. */
static void zeroes_unless_raw(void)
{
	char *p = kf_memblock_alloc(4096, 0, 0, 0, false);

	memset(p, 7, 4096);
	kf_memblock_free(phys(p), 4096);
	CHECK(kf_memblock_alloc(4096, 0, 0, 0, true) == p);
	CHECK(all_bytes(p, 7, 4096));
	kf_memblock_free(phys(p), 4096);
	CHECK(kf_memblock_alloc(4096, 0, 0, 0, false) == p);
	CHECK(all_bytes(p, 0, 4096));
}

/* Expect the upper limit to be kept, and a lower limit that cannot be met to be dropped. */
static void keeps_limits(void)
{
	void *low = kf_memblock_alloc(4096, 4096, 0, 8 * MIB, false);
	void *mid = kf_memblock_alloc(4096, 4096, 3 * MIB, 4 * MIB, false);
	void *dropped = kf_memblock_alloc(4096, 4096, 10 * MIB, 12 * MIB, false);

	CHECK_EQ(phys(low), 8 * MIB - 4096);
	CHECK_EQ(phys(mid), 4 * MIB - 4096);
	CHECK_EQ(phys(dropped), 8 * MIB - 2 * 4096);
}

/* Expect multiples of the alignment, and the gap below an aligned block to be used again. */
static void aligns(void)
{
	void *a = kf_memblock_alloc(100, 64, 0, 0, false);
	void *b = kf_memblock_alloc(100, MIB, 0, 0, false);
	void *c = kf_memblock_alloc(64, 64, 0, 0, false);

	CHECK_EQ(phys(a), 48 * MIB - 128);
	CHECK_EQ(phys(b), 47 * MIB);
	CHECK_EQ(phys(c), 48 * MIB - 192);
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(64, 48, 0, 0, false));
}

/*
 * Expect a hole to be found between two reserved ranges, but only by what fits in.
 *
 *	|...........|####|  hole  |####| end
 */
static void fills_holes(void)
{
	kf_memblock_reserve(48 * MIB - 4096, 4096);
	kf_memblock_reserve(48 * MIB - 4 * 4096, 4096);
	CHECK_EQ(phys(kf_memblock_alloc(3 * 4096, 4096, 0, 0, false)), 48 * MIB - 7 * 4096);
	CHECK_EQ(phys(kf_memblock_alloc(2 * 4096, 4096, 0, 0, false)), 48 * MIB - 3 * 4096);
}

/* Expect overlapping and touching reservations to count once, and a cut in the middle to leave two parts. */
static void merges_and_cuts(void)
{
	kf_memblock_reserve(20 * MIB, MIB);
	kf_memblock_reserve(20 * MIB + MIB / 2, MIB);
	kf_memblock_reserve(19 * MIB, MIB);
	for (u64 i = 0; i < 3000; i++) /* more than the table could hold */
		CHECK_EQ(kf_memblock_reserve(32 * MIB + i * 4096, 4096), 0);
	CHECK(kf_memblock_is_reserved(19 * MIB) && kf_memblock_is_reserved(21 * MIB));
	CHECK_EQ(kf_memblock_free(20 * MIB, 4096), 0);
	CHECK(!kf_memblock_is_reserved(20 * MIB));
	CHECK(kf_memblock_is_reserved(20 * MIB - 1) && kf_memblock_is_reserved(20 * MIB + 4096));
	CHECK_EQ(kf_memblock_free(18 * MIB, 8 * MIB), 0);
	CHECK(!kf_memblock_is_reserved(19 * MIB) && !kf_memblock_is_reserved(21 * MIB));
}

/* Expect NULL, not a crash, for nothing and for too much, and an error when the table is full. */
static void refuses_nonsense(void)
{
	int err = 0;

	CU_ASSERT_PTR_NULL(kf_memblock_alloc(0, 64, 0, 0, false));
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(64 * MIB, 64, 0, 0, false));
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(~0ull, 64, 0, 0, false));
	CHECK_EQ(kf_memblock_reserve(0, 0), 0);
	CHECK(kf_memblock_reserve(~0ull, 2) < 0);
	for (u64 i = 0; i < 3000 && !err; i++)
		err = kf_memblock_reserve(16 * MIB + i * 8192, 4096);
	CHECK_EQ(err, -12);
}

/* Expect every byte to be given out before the first NULL. */
static void exhausts(void)
{
	u64 got = 0;

	while (kf_memblock_alloc(64 << 10, 4096, 0, 0, true))
		got += 64 << 10;
	CHECK(got >= (2 + 6 + 32) * MIB - 2 * (64 << 10));
}

/* Expect the pages that are not reserved to become free ones, all of them; then memblock is closed. */
static void hands_over(void)
{
	struct page *reserved = kf_pfn_to_page(5), *usable = kf_pfn_to_page(6);
	struct page *hole = kf_pfn_to_page(10 * MIB >> 12);

	kf_memblock_reserve(5 * 4096 + 100, 10);
	CHECK_EQ(usable->refcount, 1);
	CHECK_EQ(kf_memblock_free_all(), (40 * MIB >> 12) - 2);
	CHECK_EQ(free_pages_now(), (56 * MIB >> 12) - 2); /* with HighMem and Movable */
	CHECK(reserved->flags & 1ull << 12 && reserved->refcount == 1);
	CHECK(!(usable->flags & 1ull << 12) && usable->refcount == 0 && usable->mapcount == -1);
	CHECK(hole->flags & 1ull << 12 && hole->refcount == 1);
	CHECK_EQ(kf_memblock_free_all(), 0);
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(64, 64, 0, 0, false));
	CHECK(kf_memblock_reserve(MIB, 4096) < 0);
}

/* Expect the page at physical 0 to be kept back. */
static void keeps_page_zero(void)
{
	CHECK(kf_memblock_is_reserved(0) && !kf_memblock_is_reserved(4096));
}

/* Expect no second world in one process, and a sane answer to an insane layout. */
static void one_world(void)
{
	struct kf_layout layout = test_layout;

	CHECK(kf_memory_init(&test_layout) < 0);
	CHECK(kf_memory_attach(&test_layout) < 0);
	kf_memory_exit();
	layout.zone[KF_ZONE_NORMAL].end = 64 * MIB;
	CHECK(kf_memory_init(&layout) < 0);
	layout = test_layout;
	layout.meta_size = 4096;
	CHECK(kf_memory_init(&layout) < 0);
	REQUIRE(kf_memory_init(&test_layout) == 0);
}

static bool is_reserved_page(u64 frame)
{
	const struct page *page = kf_pfn_to_page(frame);

	return page->flags & 1ull << 12 && page->refcount == 1 && page->mapcount == -1;
}

/*
 * Native mode has 3.75 GiB of nothing between its zones. Expect reserved struct pages there too, each one's
 * own: what is written to one is not seen in another.
 *
 *	|DMA|DMA32|......... hole .........|Normal|
 */
static void native_hole(void)
{
	const u64 first = 256 * MIB >> 12, last = (4096 * MIB >> 12) - 1;

	kf_memory_exit();
	REQUIRE(kf_memory_init(&kf_layout_native) == 0);
	for (u64 frame = first; frame <= last; frame += 1021)
		CHECK(is_reserved_page(frame));
	CHECK(is_reserved_page(last) && is_reserved_page(last + 1) && is_reserved_page(first - 1));
	kf_pfn_to_page(first + 100000)->refcount = 7;
	for (u64 frame = first; frame <= last; frame += 32)
		if (frame != first + 100000)
			REQUIRE(kf_pfn_to_page(frame)->refcount == 1);
	kf_memory_exit();
	REQUIRE(kf_memory_init(&test_layout) == 0);
}

static const CU_TestInfo tests[] = {
	{"allocates top down", allocates_top_down},
	{"zeroes unless raw", zeroes_unless_raw},
	{"keeps limits", keeps_limits},
	{"aligns", aligns},
	{"fills holes", fills_holes},
	{"merges and cuts", merges_and_cuts},
	{"refuses nonsense", refuses_nonsense},
	{"exhausts", exhausts},
	{"hands over", hands_over},
	{"keeps page zero", keeps_page_zero},
	{"one world", one_world},
	{"hole of native mode", native_hole},
	CU_TEST_INFO_NULL,
};

const struct suite memblock_suite = {"memblock", fixture_early_start, fixture_early_stop, tests};
