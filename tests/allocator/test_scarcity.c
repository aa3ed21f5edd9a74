// SPDX-License-Identifier: GPL-2.0-only
/*
 * Until nothing is left: every order with every kind of flags, and every allocator, take what they can get; then
 * all goes back in random order.
 *
 * Expect: nothing is given out twice; a failure leaves everything whole; and in the end each zone has just the free
 * blocks that it had, of each order: what was split has merged again.
 */
#include <stdlib.h>

#include "test.h"

#define MOST_BLOCKS 20000

static void *taken[MOST_BLOCKS];
static unsigned count;

static struct kf_zone_stat before[KF_NR_ZONES];

static void note_zones(struct kf_zone_stat *out)
{
	shrink_all();
	kf_drain_all_pages();
	for (int z = 0; z < KF_NR_ZONES; z++)
		kf_zone_stat((enum kf_zone_id)z, &out[z]);
}

/*
 * Page blocks that became a reserve for atomic requests stay one, as in the kernel, and do not merge with their
 * neighbours; so in a zone that has such, blocks of pages above the size of a page block count by their pages.
 */
static unsigned orders_to_compare(const struct kf_zone_stat *stat)
{
	const unsigned page_block = 9;

	return stat->reserved_highatomic ? page_block : KF_MAX_ORDER;
}

static void check_zones(void)
{
	struct kf_zone_stat after[KF_NR_ZONES];

	note_zones(after);
	for (int z = 0; z < KF_NR_ZONES; z++) {
		CHECK_EQ(after[z].free, before[z].free);
		CHECK_EQ(after[z].free_pcp, 0);
		for (unsigned order = 0; order < orders_to_compare(&after[z]); order++)
			CHECK_EQ(after[z].nr_free[order], before[z].nr_free[order]);
	}
	CHECK_VALID();
}

static void shuffle(void)
{
	for (unsigned i = count; i > 1; i--) {
		u64 k = random_below(i);
		void *swap = taken[i - 1];

		taken[i - 1] = taken[k];
		taken[k] = swap;
	}
}

/* Take until it fails; check that it goes on failing; give all back. Returns what was had. */
static unsigned exhaust(void *(*get)(u64 how), void (*put)(void *p, u64 how), u64 how)
{
	unsigned had;
	void *p;

	count = 0;
	while (count < MOST_BLOCKS && (p = get(how)))
		taken[count++] = p;
	CHECK(count < MOST_BLOCKS);
	CU_ASSERT_PTR_NULL(get(how));
	CHECK_VALID();
	had = count;
	shuffle();
	while (count)
		put(taken[--count], how);
	return had;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static u32 page_gfp;

static void *get_pages(u64 order)
{
	return kf_alloc_pages(page_gfp, (unsigned)order);
}

static void put_pages(void *page, u64 order)
{
	kf_free_pages(page, (unsigned)order);
}

static u64 pages_of_zones(void)
{
	u64 sum = 0;

	for (int z = 0; z < KF_NR_ZONES; z++)
		sum += before[z].free;
	return sum;
}

static void every_order(u32 gfp)
{
	unsigned last = MOST_BLOCKS, had;

	page_gfp = gfp | KF_GFP_NOWARN;
	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		had = exhaust(get_pages, put_pages, order);
		CHECK(had <= last);
		CHECK((u64)had << order <= pages_of_zones());
		last = had;
		check_zones();
	}
}

static void pages(void)
{
	static const u32 contexts[] = {
		KF_GFP_KERNEL,
		KF_GFP_ATOMIC,
		KF_GFP_NOWAIT,
		KF_GFP_KERNEL | KF_GFP_MEMALLOC,
		KF_GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_NOMEMALLOC,
		KF_GFP_KERNEL | KF_GFP_RETRY_MAYFAIL,
	};
	static const u32 places[] = {
		0,
		KF_GFP_DMA,
		KF_GFP_DMA32,
		KF_GFP_HIGHMEM,
		KF_GFP_HIGHMEM | KF_GFP_MOVABLE,
		KF_GFP_MOVABLE,
		KF_GFP_RECLAIMABLE,
	};

	note_zones(before);
	for (unsigned c = 0; c < sizeof(contexts) / sizeof(contexts[0]); c++)
		for (unsigned p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
			every_order(contexts[c] | places[p]);
			every_order(contexts[c] | places[p] | KF_GFP_COMP);
		}
}

/* All of the memory, by one who may take the reserves: HighMem and Movable first, DMA last. */
static void to_the_last_page(void)
{
	note_zones(before);
	page_gfp =
		KF_GFP_KERNEL | KF_GFP_HIGHMEM | KF_GFP_MOVABLE | KF_GFP_MEMALLOC | KF_GFP_NOWARN;
	CHECK_EQ(exhaust(get_pages, put_pages, 0), pages_of_zones());
	check_zones();
}

/* ---- everything else ---------------------------------------------------------------------------------- */

static void *get_kmalloc(u64 size)
{
	return kf_kmalloc(size, GFP_KERNEL | KF_GFP_NOWARN);
}

static void put_kmalloc(void *p, u64 size)
{
	kf_kfree(p);
}

/* Small objects by the page, since there are millions: 4096 is the smallest that fits the list. */
static void kmalloc_sizes(void)
{
	static const u64 sizes[] = {4096, 5000, 8192, 8193, 40000, 1 << 20, 4 << 20};

	note_zones(before);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK(exhaust(get_kmalloc, put_kmalloc, sizes[i]) > 0);
		check_zones();
	}
}

static void *get_vmalloc(u64 size)
{
	return kf_vmalloc(size, 1, GFP_KERNEL | KF_GFP_NOWARN, false);
}

static void put_vmalloc(void *p, u64 size)
{
	kf_vfree(p);
}

/* Either the frames or the addresses come to an end. */
static void vmalloc_sizes(void)
{
	static const u64 sizes[] = {4096, 100000, 3 << 20};

	note_zones(before);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK(exhaust(get_vmalloc, put_vmalloc, sizes[i]) > 0);
		kf_vm_unmap_aliases();
		check_zones();
	}
}

static void *get_percpu(u64 size)
{
	return (void *)(uintptr_t)kf_alloc_percpu(size, 8, GFP_KERNEL | KF_GFP_NOWARN);
}

static void put_percpu(void *cookie, u64 size)
{
	kf_free_percpu((u64)(uintptr_t)cookie);
}

static void percpu_sizes(void)
{
	static const u64 sizes[] = {64, 1000, 20000};

	note_zones(before);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned first = exhaust(get_percpu, put_percpu, sizes[i]);

		CHECK(first > 0);
		CHECK_EQ(exhaust(get_percpu, put_percpu, sizes[i]), first);
		check_zones();
	}
}

static const CU_TestInfo tests[] = {
	{"pages of every order, with every flag", pages},
	{"to the last page", to_the_last_page},
	{"kmalloc", kmalloc_sizes},
	{"vmalloc", vmalloc_sizes},
	{"per-CPU", percpu_sizes},
	CU_TEST_INFO_NULL,
};

const struct suite scarcity_suite = {"scarcity", fixture_start, fixture_stop, tests};
