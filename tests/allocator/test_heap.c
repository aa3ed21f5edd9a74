// SPDX-License-Identifier: GPL-2.0-only
/*
 * The classic heap: growing, first fit, splitting, coalescing, what is told, and random use against a model.
 */
#include "test.h"

#include <stdlib.h>

#include "../../allocator/kin/heap.h"

#define ARENA (256u << 10)

static struct kf_heap heap;
static char *arena;

static void start(void)
{
	fixture_start();
	arena = aligned_alloc(4096, ARENA);
	REQUIRE(arena != NULL);
	kf_heap_init(&heap, arena, ARENA);
}

static void stop(void)
{
	CU_ASSERT_PTR_NULL(kf_heap_validate(&heap));
	free(arena);
	fixture_stop();
}

static struct kf_heap_stat stat_now(void)
{
	struct kf_heap_stat stat;

	kf_heap_stat(&heap, &stat);
	return stat;
}

/* Expect blocks of 16-byte alignment in a row, each behind its header; the arena to grow by pages. */
static void rows(void)
{
	char *a = kf_heap_malloc(&heap, 1), *b = kf_heap_malloc(&heap, 100),
	     *c = kf_heap_malloc(&heap, 0);
	struct kf_heap_stat stat = stat_now();

	CHECK(a == arena + 16 && b == a + 32 && c == b + 112 + 16);
	CHECK_EQ(stat.arena, 4096);
	CHECK(stat.live == 3 && stat.requested == 101 && stat.usable == 16 + 112 + 16);
	CHECK_EQ(stat.headers, 4 * 16);
	CHECK_EQ(stat.arena, stat.usable + stat.headers + stat.free);
	CU_ASSERT_PTR_NULL(kf_heap_malloc(&heap, ARENA));
	CU_ASSERT_PTR_NULL(kf_heap_malloc(&heap, ~0ul));
	kf_heap_free(&heap, NULL);
}

/*
 * Expect the first hole that fits, its rest to stay free, and three free neighbours to become one in any order.
 *
 *	|a|b|c|d|   free b; less than b goes to b's place; free all
 */
static void fits_and_merges(void)
{
	static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {0, 2, 1}};
	char *p[4];

	for (int i = 0; i < 4; i++) {
		for (int k = 0; k < 4; k++)
			p[k] = kf_heap_malloc(&heap, 200);
		kf_heap_free(&heap, p[1]);
		CHECK(kf_heap_malloc(&heap, 40) == p[1]);
		kf_heap_free(&heap, p[1]);
		p[1] = kf_heap_malloc(&heap, 200);
		for (int k = 0; k < 3; k++)
			kf_heap_free(&heap, p[orders[i][k]]);
		CU_ASSERT_PTR_NULL(kf_heap_validate(&heap));
		CHECK(kf_heap_malloc(&heap, 632) == p[0]); /* three blocks and two headers */
		kf_heap_free(&heap, p[0]);
		kf_heap_free(&heap, p[3]);
		CHECK_EQ(stat_now().free_blocks, 1);
	}
}

/* Expect realloc to shrink and widen in place where it can, to move where not, and to keep the old block on failure. */
static void reallocs(void)
{
	char *a = kf_heap_realloc(&heap, NULL, 100), *b;

	memset(a, 7, 100);
	CHECK(kf_heap_realloc(&heap, a, 50) == a && stat_now().requested == 50);
	CHECK(kf_heap_realloc(&heap, a, 1000) == a && kf_heap_usable(a) >= 1000);
	b = kf_heap_malloc(&heap, 10);
	a = kf_heap_realloc(&heap, a, 3000);
	CHECK(a > b && all_bytes(a, 7, 50));
	CU_ASSERT_PTR_NULL(kf_heap_realloc(&heap, a, 2 * ARENA));
	CHECK(all_bytes(a, 7, 50) && stat_now().live == 2);
	CU_ASSERT_PTR_NULL(kf_heap_realloc(&heap, a, 0));
	CHECK_EQ(stat_now().live, 1);
}

/* Expect a second free, a pointer into a block or elsewhere, and an overwritten header to be told; nothing freed. */
static void wrong_frees(void)
{
	char *a = kf_heap_malloc(&heap, 64), *b = kf_heap_malloc(&heap, 64), *c;

	kf_heap_free(&heap, a);
	kf_heap_free(&heap, a);
	expect_bug(KF_BUG_DOUBLE_FREE);
	memset(b, 0, 64);
	kf_heap_free(&heap, b + 1);
	expect_bug(KF_BUG_INVALID_FREE);
	b[28] = 1; /* what would be the state before b + 32 */
	b[16] = 1;
	kf_heap_free(&heap, b + 32);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_heap_free(&heap, arena + ARENA);
	expect_bug(KF_BUG_INVALID_FREE);
	c = kf_heap_malloc(&heap, 200);
	memset(b, 1, 64 + 4); /* into c's header */
	kf_heap_free(&heap, b);
	expect_bug(KF_BUG_REDZONE);
	CU_ASSERT_PTR_NOT_NULL(kf_heap_validate(&heap));
	kf_heap_free(&heap, c);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_heap_init(&heap, arena, ARENA);
}

/* Expect the figures of fragmentation: every other block free is much memory and no large block. */
static void fragmentation(void)
{
	void *p[100];
	struct kf_heap_stat stat;

	for (int i = 0; i < 100; i++)
		p[i] = kf_heap_malloc(&heap, 1000);
	for (int i = 0; i < 100; i += 2)
		kf_heap_free(&heap, p[i]);
	stat = stat_now();
	CHECK_EQ(stat.free_blocks, 50); /* the arena ends with a live block */
	CHECK(stat.external > 0.9 && stat.external < 1);
	CHECK(stat.internal > 0.005 && stat.internal < 0.01); /* 1008 for 1000 */
	for (int i = 1; i < 100; i += 2)
		kf_heap_free(&heap, p[i]);
	stat = stat_now();
	CHECK(stat.external == 0 && stat.internal == 0 && stat.free == stat.arena - 16 &&
	      stat.free_blocks == 1);
}

/* Expect contents to survive any sequence, and the invariants to hold throughout. */
static void random_use(void)
{
	static struct {
		u8 *p;
		size_t size;
		u8 value;
	} live[200];
	u64 n = operations(20000);

	for (u64 i = 0; i < n; i++) {
		u64 k = random_below(200);
		size_t size = random_below(1200) + 1;
		u8 *p;

		if (live[k].p)
			CHECK(all_bytes(live[k].p, live[k].value, live[k].size));
		if (live[k].p && random_below(3)) {
			kf_heap_free(&heap, live[k].p);
			live[k].p = NULL;
			continue;
		}
		p = kf_heap_realloc(&heap, live[k].p, size);
		if (!p)
			continue;
		live[k].value = (u8)random_number();
		live[k].p = p;
		live[k].size = size;
		memset(p, live[k].value, size);
		if (i % 64 == 0)
			CU_ASSERT_PTR_NULL(kf_heap_validate(&heap));
	}
	for (int k = 0; k < 200; k++)
		kf_heap_free(&heap, live[k].p);
	CHECK_EQ(stat_now().free_blocks, 1);
}

static const CU_TestInfo tests[] = {
	{"rows", rows},
	{"fits and merges", fits_and_merges},
	{"reallocs", reallocs},
	{"wrong frees", wrong_frees},
	{"fragmentation", fragmentation},
	{"random use", random_use},
	CU_TEST_INFO_NULL,
};

const struct suite heap_suite = {"heap", start, stop, tests};
