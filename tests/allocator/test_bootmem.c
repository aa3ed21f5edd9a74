// SPDX-License-Identifier: GPL-2.0-only
/*
 * bootmem: the bitmap before the buddy allocator, and the two ways to a buffer that is larger than any block.
 */
#include "test.h"

#include "../../allocator/core/settings.h"
#include "../../allocator/page/bootmem.h"

#define MAP 16u /* frame of the bitmap */
#define LOW (8 * MIB)

/* All of DMA and DMA32 is bootmem's, but for the frames of the bitmap itself. */
static void start(void)
{
	u64 bytes;

	fixture_early_start();
	bytes = kf_init_bootmem(MAP, LOW >> 12);
	REQUIRE(bytes == (LOW >> 12) / 8);
	kf_free_bootmem(0, LOW);
	kf_reserve_bootmem(MAP << 12, bytes);
}

static u64 phys(const void *p)
{
	return kf_virt_to_phys(p);
}

/*
 * Expect small pieces to follow each other in one page, zeroed, and a piece with page alignment to start a new one.
 *
 *	|aa b|cccc....|
 */
static void packs(void)
{
	char *a = kf_alloc_bootmem_goal(100, 16, 4 * MIB),
	     *b = kf_alloc_bootmem_goal(100, 64, 4 * MIB);
	char *c = kf_alloc_bootmem_goal(4096, 4096, 4 * MIB),
	     *d = kf_alloc_bootmem_goal(5000, 64, 4 * MIB);

	CHECK_EQ(phys(a), 4 * MIB);
	CHECK_EQ(b - a, 128);
	CHECK_EQ(phys(c), 4 * MIB + 4096);
	CHECK_EQ(phys(d), 4 * MIB + 8192);
	CHECK(all_bytes(d, 0, 5000));
	/* What fits into the rest of the last page takes no new one. */
	CHECK_EQ(phys(kf_alloc_bootmem_goal(1000, 64, 4 * MIB)), 4 * MIB + 8192 + 5056);
}

/* Expect the goal to be a wish, the alignment a must, and NULL when there is no room. */
static void goals(void)
{
	CHECK_EQ(phys(kf_alloc_bootmem_goal(4096, MIB, 2 * MIB + 4096)), 3 * MIB);
	CHECK(phys(kf_alloc_bootmem_goal(2 * MIB, 4096, 7 * MIB)) < 7 * MIB);
	forget_calls();
	CU_ASSERT_PTR_NULL(kf_alloc_bootmem_nopanic(16 * MIB, 0, 0));
	CU_ASSERT_PTR_NULL(kf_alloc_bootmem_nopanic(0, 0, 0));
	CHECK_EQ(told.bugs, 0);
	CU_ASSERT_PTR_NULL(kf_alloc_bootmem_low_pages(16 * MIB));
	expect_bug(KF_BUG_WARN);
	CU_ASSERT_STRING_EQUAL(told.log, "<1>bootmem alloc of 16777216 bytes failed!\n");
}

/* Expect pages that a free covers only in part to stay taken, and a second free to be told. */
static void frees(void)
{
	char *p = kf_alloc_bootmem_low_pages(4 * 4096);

	kf_free_bootmem(phys(p) + 1, 2 * 4096);
	CHECK_EQ(phys(kf_alloc_bootmem_low_pages(4096)), phys(p) + 4096);
	kf_free_bootmem(phys(p), 4096);
	kf_free_bootmem(phys(p), 4096);
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_reserve_bootmem(phys(p), 4096);
	kf_reserve_bootmem(phys(p), 1);
	CU_ASSERT_STRING_EQUAL(told.log, "<4>hm, page 00001000 reserved twice.\n");
}

/* What bootmem and memblock have handed over; HighMem and Movable come by themselves. */
static u64 low_pages(void)
{
	u64 free = free_pages_now();
	struct kf_zone_stat stat;

	for (int zone = KF_ZONE_HIGHMEM; zone < KF_NR_ZONES; zone++) {
		kf_zone_stat((enum kf_zone_id)zone, &stat);
		free -= stat.free;
	}
	return free;
}

/* Expect every page that is not taken, and the bitmap's, to reach the buddy allocator; once. */
static void hands_over(void)
{
	u64 given;

	kf_alloc_bootmem_low_pages(3 * 4096);
	given = kf_free_all_bootmem();
	CHECK_EQ(given, (LOW >> 12) - 1 - 3); /* page 0 never */
	CHECK_EQ(kf_free_all_bootmem(), 0);
	CU_ASSERT_PTR_NULL(kf_alloc_bootmem_nopanic(64, 0, 0));
	CHECK_EQ(kf_memblock_free_all(), 32 * MIB >> 12);
	CHECK_EQ(low_pages(), given + (32 * MIB >> 12));
}

/* Expect no second bootmem, none over what does not exist, and none when memblock has handed over. */
static void refuses(void)
{
	CHECK_EQ(kf_init_bootmem(MAP, LOW >> 12), 0);
	kf_free_all_bootmem();
	CHECK_EQ(kf_init_bootmem(12 * MIB >> 12, LOW >> 12), 0);
	kf_memblock_free_all();
	CHECK_EQ(kf_init_bootmem(MAP, LOW >> 12), 0);
}

/* ---- a contiguous buffer of 5 MiB, where the largest block is smaller -------------------------------------- */

#define BIG (5 * MIB)

static void fill_and_check(char *p)
{
	memset(p, 0x5a, BIG);
	CHECK(all_bytes(p, 0x5a, BIG));
}

/*
 * The first way: take it at boot, before the rest goes to the buddy allocator. Expect that afterwards nobody
 * can have as much, that the buffer is contiguous, and that nobody else is given a byte of it.
 */
static void big_by_bootmem(void)
{
	char *buffer = kf_alloc_bootmem_low_pages(BIG);
	u64 end = phys(buffer) + BIG;
	struct page *page;

	REQUIRE(buffer != NULL);
	kf_free_all_bootmem();
	kf_memblock_free_all();
	REQUIRE(kf_slab_init() == 0);
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 11));
	CU_ASSERT_PTR_NULL(kf_kmalloc(BIG, GFP_KERNEL | KF_GFP_NOWARN));
	fill_and_check(buffer);
	while ((page = kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 0))) {
		u64 at = kf_page_to_pfn(page) << 12;

		CHECK(at >= end || at < end - BIG);
	}
	CHECK(all_bytes(buffer, 0x5a, BIG));
}

/*
 * The second way: tell the kernel of less memory than there is ("mem="), and map the rest as if it were a
 * device's. Expect the allocators to keep out of it, and 5 MiB to be had by ioremap() any time later.
 */
static void big_by_limit(void)
{
	char *buffer;

	kf_free_all_bootmem();
	kf_memblock_enforce_memory_limit(40 * MIB - BIG);
	CHECK_EQ(kf_memblock_end_of_DRAM(), 48 * MIB - BIG);
	CHECK_EQ(kf_memblock_free_all(), (32 * MIB - BIG) >> 12);
	REQUIRE(kf_slab_init() == 0);
	CU_ASSERT_PTR_NULL(kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 11));
	buffer = kf_ioremap(48 * MIB - BIG, BIG);
	REQUIRE(buffer != NULL);
	fill_and_check(buffer);
	kf_iounmap(buffer);
}

static const CU_TestInfo tests[] = {
	{"packs", packs},
	{"goals", goals},
	{"frees", frees},
	{"hands over", hands_over},
	{"refuses", refuses},
	{"5 MiB: reserve at boot", big_by_bootmem},
	{"5 MiB: keep memory back", big_by_limit},
	CU_TEST_INFO_NULL,
};

const struct suite bootmem_suite = {"bootmem", start, fixture_early_stop, tests};
