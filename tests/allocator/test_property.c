// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of pages against a model that is simple enough to be believed: which frames are taken. And random damage, of which
 * every byte must be found. The same seed does the same. (All other operations: test_model.c.)
 *
 * The model of the buddy is exact: with everything merged that can be, a request may fail only when no
 * aligned run of free frames is left in the zones that it may use.
 */
#include <stdio.h>

#include "test.h"

struct thing {
	struct page *page;
	unsigned order;
};

#define MOST 600
static struct thing things[MOST];
static unsigned nr_things;
static u64 op;

static bool sound(bool ok, const char *what)
{
	if (!ok)
		fprintf(stderr, "operation %llu, seed %llu: %s\n", (unsigned long long)op,
			(unsigned long long)seed, what);
	CHECK(ok);
	return ok;
}

static struct thing remove_thing(u64 at)
{
	struct thing t = things[at];

	things[at] = things[--nr_things];
	return t;
}

/* ---- buddy ---------------------------------------------------------------------------------- */

#define FRAMES (48 * MIB >> 12)
static bool taken[FRAMES];

static bool run_is_free(u64 frame, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (taken[frame + i])
			return false;
	return true;
}

static bool zones_hold(u64 from, u64 to, u64 n)
{
	for (u64 frame = (from + n - 1) & ~(n - 1); frame + n <= to; frame += n)
		if (run_is_free(frame, n))
			return true;
	return false;
}

/* Is there a free block of this order where this gfp may look? */
static bool model_can_serve(u32 gfp, unsigned order)
{
	u64 n = 1ull << order;

	if (zones_hold(0, 2 * MIB >> 12, n))
		return true;
	if (gfp & KF_GFP_DMA)
		return false;
	if (zones_hold(2 * MIB >> 12, 8 * MIB >> 12, n))
		return true;
	return !(gfp & KF_GFP_DMA32) && zones_hold(16 * MIB >> 12, 48 * MIB >> 12, n);
}

static void mark(const struct page *page, unsigned order, bool value)
{
	for (u64 i = 0; i < 1ull << order; i++)
		taken[kf_page_to_pfn(page) + i] = value;
}

static void buddy_take(void)
{
	static const u32 zone_bits[] = {0, 0, 0, KF_GFP_DMA32, KF_GFP_DMA};
	u32 gfp = GFP_KERNEL | zone_bits[random_below(5)];
	unsigned order = (unsigned)random_below(random_below(3) ? 4 : KF_MAX_ORDER);
	bool possible = model_can_serve(gfp, order);
	struct page *page;
	u64 frame;

	gfp |= random_below(2) ? KF_GFP_COMP : 0;
	gfp |= KF_GFP_MEMALLOC; /* all of the memory, without reserves */
	page = kf_alloc_pages(gfp, order);
	if (!sound(!page == !possible, "the buddy allocator and the model disagree") || !page)
		return;
	frame = kf_page_to_pfn(page);
	sound(!(frame & ((1ull << order) - 1)), "a block is not aligned");
	sound(run_is_free(frame, 1ull << order), "a frame was given out twice");
	mark(page, order, true);
	things[nr_things++] = (struct thing){page, order};
}

static void buddy_give(void)
{
	struct thing t = remove_thing(random_below(nr_things));

	mark(t.page, t.order, false);
	kf_free_pages(t.page, t.order);
}

static void buddy(void)
{
	u64 ops = operations(20000), growing = 1;

	shrink_all();
	memset(taken, 0, sizeof(taken));
	taken[0] = true;
	for (u64 frame = 8 * MIB >> 12; frame < 16 * MIB >> 12; frame++)
		taken[frame] = true;
	nr_things = 0;
	for (op = 0; op < ops; op++) {
		if (random_below(500) == 0)
			growing = !growing;
		if (nr_things < MOST && (!nr_things || random_below(8) < (growing ? 6 : 2)))
			buddy_take();
		else
			buddy_give();
		if (op % 500 == 0)
			CU_ASSERT_PTR_NULL(kf_buddy_validate());
	}
	while (nr_things)
		buddy_give();
}

/* ---- damage ------------------------------------------------------------------------------------- */

/* One byte, one bit, somewhere in a guard or a freed object. Expect it to be told, at that byte. */
static void damage(void)
{
	u64 ops = operations(10000);
	u64 keep[64] = {0}, sizes[64] = {0};

	for (op = 0; op < ops; op++) {
		u64 i = random_below(64), size = 1 + random_below(2000), at;
		char *p = (char *)keep[i];

		if (!p) {
			keep[i] = (u64)kf_kmalloc(size, GFP_KERNEL);
			sizes[i] = size;
			continue;
		}
		at = sizes[i] + random_below(16);
		at = random_below(2) ? at : (u64)-1 - random_below(16);
		p[at] ^= (char)(1 << random_below(8));
		kf_kfree(p);
		expect_bug(KF_BUG_REDZONE);
		sound(told.bug.addr == p + at && told.bug.object.addr == p,
		      "damage told elsewhere");
		keep[i] = 0;
	}
	for (int i = 0; i < 64; i++)
		kf_kfree((void *)keep[i]);
}

static const CU_TestInfo tests[] = {
	{"buddy against the model", buddy},
	{"random damage", damage},
	CU_TEST_INFO_NULL,
};

const struct suite property_suite = {"property", fixture_start, fixture_stop, tests};
