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
	kf_memblock_free(p, 4096);
	CHECK(kf_memblock_alloc(4096, 0, 0, 0, true) == p);
	CHECK(all_bytes(p, 7, 4096));
	kf_memblock_free(p, 4096);
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
	CHECK_EQ(kf_memblock_phys_free(20 * MIB, 4096), 0);
	CHECK(!kf_memblock_is_reserved(20 * MIB));
	CHECK(kf_memblock_is_reserved(20 * MIB - 1) && kf_memblock_is_reserved(20 * MIB + 4096));
	CHECK_EQ(kf_memblock_phys_free(18 * MIB, 8 * MIB), 0);
	CHECK(!kf_memblock_is_reserved(19 * MIB) && !kf_memblock_is_reserved(21 * MIB));
}

/* Expect NULL, not a crash, for nothing and for too much, and an error for what wraps around or is no memory. */
static void refuses_nonsense(void)
{
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(0, 64, 0, 0, false));
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(64 * MIB, 64, 0, 0, false));
	CU_ASSERT_PTR_NULL(kf_memblock_alloc(~0ull, 64, 0, 0, false));
	CHECK_EQ(kf_memblock_reserve(0, 0), 0);
	CHECK(kf_memblock_reserve(~0ull, 2) < 0);
	CHECK(kf_memblock_add(12 * MIB, MIB) < 0);
}

/*
 * Expect the list of 128 regions to double out of the memory that it describes, again and again; and without
 * permission the kernel's line, an error, and no change.
 *
 *	|r|.|r|.|r|.|r|....   3000 single pages
 */
static void arrays_double(void)
{
	u64 before, size = kf_memblock_reserved_size();
	int err = 0;

	for (u64 i = 0; i < 3000 && !err; i++)
		err = kf_memblock_reserve(16 * MIB + i * 8192, 4096);
	CHECK_EQ(err, 0);
	CHECK(kf_memblock_reserved_size() >= size + 3000 * 4096);
	CHECK(kf_memblock_is_reserved(16 * MIB + 2999 * 8192));
	CU_ASSERT_PTR_NULL(kf_memblock_validate());
	before = kf_memblock_reserved_size();
	/* No room for a longer list: all memory is taken but single pages. */
	kf_memblock_set_current_limit(KF_PAGE_SIZE);
	for (u64 i = 0; i < 3000 && !err; i++)
		err = kf_memblock_reserve(39 * MIB + i * 1024, 512);
	CHECK_EQ(err, -12);
	CHECK(kf_memblock_reserved_size() > before);
	CU_ASSERT_STRING_EQUAL(
		told.log,
		"<3>memblock: Failed to double reserved array from 4096 to 8192 entries !\n");
	CU_ASSERT_PTR_NULL(kf_memblock_validate());
}

/*
 * Expect flags to split regions, memory that is NOMAP or a driver's to be left alone, mirrored memory to be preferred
 * and the rest to be taken when that is used up, with the kernel's line.
 *
 *	DMA32 2..8:  |  | NOMAP 4..5 |  | MIRROR 6..7 |  |
 */
static void flags(void)
{
	struct kf_region r;
	u64 at = 0, seen = 0;

	CHECK_EQ(kf_memblock_mark_nomap(4 * MIB, MIB), 0);
	CHECK(kf_memblock_is_memory(4 * MIB) && !kf_memblock_is_map_memory(4 * MIB));
	CHECK(kf_memblock_is_map_memory(5 * MIB));
	while (kf_memblock_next_free(&at, KF_NUMA_NO_NODE, KF_MEMBLOCK_NONE, &r))
		seen += r.size;
	CHECK_EQ(seen, 39 * MIB - KF_PAGE_SIZE);
	CHECK_EQ(kf_memblock_phys_alloc_range(MIB / 2, 4096, 4 * MIB, 5 * MIB), 0);
	CHECK_EQ(kf_memblock_clear_nomap(4 * MIB, MIB), 0);
	CHECK(kf_memblock_phys_alloc_range(MIB / 2, 4096, 4 * MIB, 5 * MIB) >= 4 * MIB);
	CHECK_EQ(kf_memblock_mark_hotplug(3 * MIB, MIB), 0);
	CHECK_EQ(kf_memblock_clear_hotplug(3 * MIB, MIB), 0);
	CHECK_EQ(kf_memblock_mark_mirror(6 * MIB, MIB), 0);
	CHECK_EQ(kf_memblock_phys_alloc(MIB, 4096), 6 * MIB);
	CHECK_EQ(told.log[0], 0);
	CHECK_EQ(kf_memblock_phys_alloc(MIB, 4096), 47 * MIB);
	CU_ASSERT_STRING_EQUAL(told.log, "<4>Could not allocate 0x0000000000100000 bytes of "
					 "mirrored memory\n");
	CU_ASSERT_PTR_NULL(kf_memblock_validate());
}

/* Expect a node to be preferred, another one to do unless it must be exact, and touching nodes to stay apart. */
static void nodes(void)
{
	u64 cursor = 0, start, end;

	CHECK_EQ(kf_memblock_set_node(16 * MIB, 2 * MIB, 1), 0);
	CHECK_EQ(kf_virt_to_phys(kf_memblock_alloc_node(MIB, 4096, 1)), 17 * MIB);
	CHECK_EQ(kf_virt_to_phys(kf_memblock_alloc_nid(MIB, 4096, 0, 0, 1, true, true)), 16 * MIB);
	CU_ASSERT_PTR_NULL(kf_memblock_alloc_nid(4096, 4096, 0, 0, 1, true, true));
	CHECK_EQ(kf_virt_to_phys(kf_memblock_alloc_node(MIB, 4096, 1)), 47 * MIB);
	REQUIRE(kf_memblock_next_pfn_range(&cursor, 1, &start, &end));
	CHECK(start == 16 * MIB >> 12 && end == 18 * MIB >> 12);
	CHECK(!kf_memblock_next_pfn_range(&cursor, 1, &start, &end));
}

/* Expect the lowest place bottom up, never page 0; the current limit and the low limit to be kept. */
static void direction_and_limit(void)
{
	kf_memblock_set_bottom_up(true);
	CHECK(kf_memblock_bottom_up());
	CHECK_EQ(kf_memblock_phys_alloc(4096, 4096), 4096);
	CHECK_EQ(phys(kf_memblock_alloc_from(4096, 4096, 20 * MIB)), 20 * MIB);
	kf_memblock_set_bottom_up(false);
	kf_memblock_set_current_limit(8 * MIB);
	CHECK_EQ(kf_memblock_phys_alloc(4096, 4096), 8 * MIB - 4096);
	CHECK_EQ(phys(kf_memblock_alloc_low(4096, 4096)), 8 * MIB - 2 * 4096);
	CHECK_EQ(kf_memblock_get_current_limit(), 8 * MIB);
	/* The place between two frees: alignment is of the address, not of the range. */
	CHECK_EQ(kf_memblock_phys_alloc_range(100, MIB, 2 * MIB, 6 * MIB), 5 * MIB);
}

/* Expect "mem=": the highest memory to go, reservations there too; and only the range that is kept to stay. */
static void memory_limits(void)
{
	kf_memblock_reserve(40 * MIB, MIB);
	kf_memblock_enforce_memory_limit(24 * MIB);
	CHECK_EQ(kf_memblock_phys_mem_size(), 24 * MIB);
	CHECK_EQ(kf_memblock_end_of_DRAM(), 32 * MIB);
	CHECK(!kf_memblock_is_reserved(40 * MIB) && !kf_memblock_is_memory(32 * MIB));
	kf_memblock_enforce_memory_limit(100 * MIB); /* more than there is: nothing happens */
	CHECK_EQ(kf_memblock_phys_mem_size(), 24 * MIB);
	kf_memblock_mark_nomap(3 * MIB, MIB);
	kf_memblock_cap_memory_range(20 * MIB, 4 * MIB);
	CHECK_EQ(kf_memblock_phys_mem_size(), 5 * MIB);
	CHECK(kf_memblock_is_region_memory(20 * MIB, 4 * MIB) && kf_memblock_is_memory(3 * MIB));
	CHECK(!kf_memblock_is_region_memory(20 * MIB, 4 * MIB + 1));
	CHECK_EQ(kf_memblock_start_of_DRAM(), 3 * MIB);
	CHECK_EQ(kf_memblock_free_all(), 4 * MIB >> 12);
}

/* Expect walks to give each range once, forwards and backwards, however they are cut. */
static void walks(void)
{
	struct kf_region r;
	u64 sum = 0, back = 0, n = 0;

	kf_memblock_reserve(20 * MIB, MIB);
	kf_memblock_reserve(16 * MIB, 4096);
	kf_memblock_reserve(48 * MIB - 4096, 4096);
	for (u64 at = 0; kf_memblock_next_free(&at, KF_NUMA_NO_NODE, 0, &r); n++)
		sum += r.size;
	for (u64 at = ~0ull; kf_memblock_prev_free(&at, KF_NUMA_NO_NODE, 0, &r); n--)
		back += r.size;
	CHECK_EQ(sum, kf_memblock_phys_mem_size() - kf_memblock_reserved_size());
	CHECK(back == sum && n == 0);
	for (u64 at = 0; kf_memblock_next_memory(&at, &r); n++)
		sum -= r.size;
	for (u64 at = 0; kf_memblock_next_reserved(&at, &r); n++)
		sum += r.size;
	CHECK_EQ(sum, 0);
	CHECK_EQ(n, 2 + 4); /* DMA and DMA32 touch and are one region */
	CHECK(kf_memblock_is_region_reserved(19 * MIB, 2 * MIB));
	CHECK(!kf_memblock_is_region_reserved(21 * MIB, MIB));
}

static void keep_line(const char *text, void *arg)
{
	strcat(strcat(arg, text), "\n");
}

/* Expect the kernel's own lines, byte for byte. */
static void texts(void)
{
	static char text[2048];

	text[0] = 0;
	kf_memblock_show(false, keep_line, text);
	CU_ASSERT_STRING_EQUAL(text, "   0: 0x0000000000000000..0x00000000007fffff\n"
				     "   1: 0x0000000001000000..0x0000000002ffffff\n");
	text[0] = 0;
	kf_memblock_dump(keep_line, text);
	CU_ASSERT_STRING_EQUAL(
		text,
		"MEMBLOCK configuration:\n"
		" memory size = 0x0000000002800000 reserved size = 0x0000000000001000\n"
		" memory.cnt  = 0x2\n"
		" memory[0]\t[0x0000000000000000-0x00000000007fffff], 0x0000000000800000 bytes"
		" on node 0 flags: 0\n"
		" memory[0x1]\t[0x0000000001000000-0x0000000002ffffff], 0x0000000002000000 bytes"
		" on node 0 flags: 0\n"
		" reserved.cnt  = 0x1\n"
		" reserved[0]\t[0x0000000000000000-0x0000000000000fff], 0x0000000000001000 bytes"
		" flags: 0\n");
}

/* Expect, when slab is up, a warning and kmalloc'ed memory; and a late free to reach the buddy allocator once. */
static void after_slab(void)
{
	u64 at = kf_memblock_phys_alloc(16 << 10, 4096), free;
	void *p;

	kf_memblock_free_all();
	REQUIRE(kf_slab_init() == 0);
	free = free_pages_now();
	p = kf_memblock_alloc_node(100, 64, 0);
	expect_bug(KF_BUG_WARN);
	CHECK(told.born.kind == KF_SLAB && told.born.addr == p && all_bytes(p, 0, 100));
	kf_kfree(p);
	shrink_all();
	CHECK_EQ(kf_memblock_free_late(at, 16 << 10), 4);
	CHECK_EQ(kf_memblock_free_late(at, 16 << 10), 0);
	CHECK_EQ(free_pages_now(), free + 4);
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
	{"arrays double", arrays_double},
	{"flags", flags},
	{"nodes", nodes},
	{"direction and limit", direction_and_limit},
	{"memory limits", memory_limits},
	{"walks", walks},
	{"texts", texts},
	{"after slab", after_slab},
	CU_TEST_INFO_NULL,
};

const struct suite memblock_suite = {"memblock", fixture_early_start, fixture_early_stop, tests};
