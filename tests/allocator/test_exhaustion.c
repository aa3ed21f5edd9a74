// SPDX-License-Identifier: GPL-2.0-only
/*
 * All memory is taken, in every zone and by every class of requests, and given back in random order. Expect the free
 * blocks of the beginning, order by order, once the lists of the CPUs are drained: only the migrate types of page
 * blocks may be others.
 */
#include "test.h"

#define MOST 16384
static struct block {
	struct page *page;
	unsigned order;
} held[MOST];
static unsigned nr_held;

struct shape {
	u64 nr_free[KF_NR_ZONES][KF_MAX_ORDER];
	u64 free[KF_NR_ZONES];
};

static struct shape shape_now(void)
{
	struct shape shape;
	struct kf_zone_stat stat;

	kf_drain_all_pages();
	for (int id = 0; id < KF_NR_ZONES; id++) {
		kf_zone_stat((enum kf_zone_id)id, &stat);
		memcpy(shape.nr_free[id], stat.nr_free, sizeof(stat.nr_free));
		shape.free[id] = stat.free;
	}
	return shape;
}

static void take_all(u32 gfp, unsigned order)
{
	while (nr_held < MOST) {
		struct page *page = kf_alloc_pages(gfp | KF_GFP_NOWARN, order);

		if (!page)
			return;
		held[nr_held++] = (struct block){page, order};
	}
}

static void give_all_at_random(void)
{
	while (nr_held) {
		u64 i = random_below(nr_held);

		kf_free_pages(held[i].page, held[i].order);
		held[i] = held[--nr_held];
	}
}

static const u32 zone_bits[] = {0,
				KF_GFP_DMA,
				KF_GFP_DMA32,
				KF_GFP_HIGHMEM,
				KF_GFP_HIGHMEM | KF_GFP_MOVABLE,
				KF_GFP_MOVABLE,
				KF_GFP_RECLAIMABLE};
static const u32 classes[] = {KF_GFP_KERNEL,
			      KF_GFP_NOWAIT,
			      KF_GFP_ATOMIC,
			      KF_GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_COMP,
			      KF_GFP_KERNEL | KF_GFP_RETRY_MAYFAIL,
			      KF_GFP_KERNEL | KF_GFP_MEMALLOC};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void exhaust(unsigned order)
{
	struct shape before, after;

	shrink_all();
	before = shape_now();
	for (size_t z = 0; z < COUNT(zone_bits); z++)
		for (size_t c = 0; c < COUNT(classes); c++) {
			take_all(zone_bits[z] | classes[c], order);
			/* The reserve of atomic requests may be all of the small zone. */
			CHECK(nr_held > 0 || zone_bits[z] == KF_GFP_DMA);
			CHECK_VALID();
			give_all_at_random();
			after = shape_now();
			CHECK(!memcmp(&before, &after, sizeof(before)));
			CHECK_VALID();
		}
}

static void single_pages(void)
{
	exhaust(0);
}

static void small_blocks(void)
{
	exhaust(3);
}

static void large_blocks(void)
{
	exhaust(8);
}

/* Every order and zone at once, to the last page. */
static void everything_at_once(void)
{
	struct shape before, after;

	shrink_all();
	before = shape_now();
	for (unsigned order = KF_MAX_ORDER; order--;)
		for (size_t z = 0; z < COUNT(zone_bits); z++)
			take_all(zone_bits[z] | KF_GFP_KERNEL | KF_GFP_MEMALLOC, order);
	CHECK_EQ(free_pages_now(), 0);
	CHECK_VALID();
	give_all_at_random();
	after = shape_now();
	CHECK(!memcmp(&before, &after, sizeof(before)));
}

static const CU_TestInfo tests[] = {
	{"single pages", single_pages},
	{"small blocks", small_blocks},
	{"large blocks", large_blocks},
	{"everything at once", everything_at_once},
	CU_TEST_INFO_NULL,
};

const struct suite exhaustion_suite = {"exhaustion", fixture_start, fixture_stop, tests};
