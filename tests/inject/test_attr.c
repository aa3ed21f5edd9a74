// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault attributes: every row of should_fail_ex()'s ladder behind fail-nth with its quirks, the filters that stand before it,
 * the message's rate limit, and attributes as text.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../allocator/slab/slab.h"
#include "../../harness/inject/attr.h"

static uint32_t next_random;
static unsigned draws;

/* The generator's answer; 0 lets every probability refuse, UINT32_MAX only one of 100. */
static uint32_t random_number(void)
{
	draws++;
	return next_random;
}

static struct fault_attr attr;

static void begin(uint64_t probability)
{
	attr_default(&attr, FAILSLAB, false);
	attr.probability = probability;
	attr.times = -1;
	next_random = 0;
	draws = 0;
}

static bool ask_size(uint64_t size)
{
	const struct attr_ask ask = {.size = size, .random = random_number};
	bool refused = attr_should_fail(&attr, &ask);

	if (refused)
		attr_spend(&attr);
	return refused;
}

static bool ask(void)
{
	return ask_size(1);
}

/* Expect: what FAULT_ATTR_INITIALIZER and mm/failslab.c, mm/page_alloc.c say; ours differs in the filters only. */
static void test_defaults(void)
{
	attr_default(&attr, FAIL_PAGE_ALLOC, true);
	CU_ASSERT_EQUAL(attr.probability, 0);
	CU_ASSERT_EQUAL(attr.interval, 1);
	CU_ASSERT_EQUAL(attr.times, 1);
	CU_ASSERT_EQUAL(attr.space, 0);
	CU_ASSERT_EQUAL(attr.verbose, 2);
	CU_ASSERT_EQUAL(attr.verbose_ratelimit_burst, 10);
	CU_ASSERT_EQUAL(attr.stacktrace_depth, 32);
	CU_ASSERT_TRUE(attr.ignore_gfp_wait && attr.ignore_gfp_highmem);
	CU_ASSERT_EQUAL(attr.min_order, 1);
	attr_default(&attr, FAIL_PAGE_ALLOC, false);
	CU_ASSERT_FALSE(attr.ignore_gfp_wait || attr.ignore_gfp_highmem || attr.min_order);
	CU_ASSERT_EQUAL(attr.times, 1);
}

/* Expect: refused where probability > rand(100), and nothing is drawn for 0. */
static void test_probability(void)
{
	begin(0);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_EQUAL(draws, 0);
	begin(1);
	CU_ASSERT_TRUE(ask());
	next_random = UINT32_MAX / 100 + 1; /* just what makes rand(100) 1 */
	CU_ASSERT_FALSE(ask());
	begin(99);
	next_random = UINT32_MAX; /* rand(100) is 99 */
	CU_ASSERT_FALSE(ask());
	begin(100);
	next_random = UINT32_MAX;
	CU_ASSERT_TRUE(ask());
	begin(1000);
	next_random = UINT32_MAX;
	CU_ASSERT_TRUE(ask());
}

/* Expect: counts down to 0, not below; -1 is without end; 0 is never. */
static void test_times(void)
{
	begin(100);
	attr.times = 2;
	CU_ASSERT_TRUE(ask() && ask());
	CU_ASSERT_EQUAL(attr.times, 0);
	CU_ASSERT_FALSE(ask());
	attr_spend(&attr); /* by fail-nth, which asks nobody */
	CU_ASSERT_EQUAL(attr.times, 0);
	begin(100);
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_TRUE(ask());
	CU_ASSERT_EQUAL(attr.times, -1);
}

/* Expect: served while more than the size is left, which never brings it to 0; then refusals, and the rest stays. */
static void test_space(void)
{
	begin(100);
	attr.space = 100;
	CU_ASSERT_FALSE(ask_size(60));
	CU_ASSERT_EQUAL(attr.space, 40);
	CU_ASSERT_TRUE(ask_size(40));
	CU_ASSERT_EQUAL(attr.space, 40);
	CU_ASSERT_FALSE(ask_size(39));
	CU_ASSERT_EQUAL(attr.space, 1);
	CU_ASSERT_TRUE(ask_size(1));
	/* Not counted down where probability is 0: that row comes first. */
	begin(0);
	attr.space = 100;
	ask_size(60);
	CU_ASSERT_EQUAL(attr.space, 100);
}

/* Expect: every third of those that passed the rows before; what space served is not among them. */
static void test_interval(void)
{
	begin(100);
	attr.interval = 3;
	for (unsigned i = 1; i <= 9; i++)
		CU_ASSERT_EQUAL(ask(), i % 3 == 0);
	begin(100);
	attr.interval = 2;
	attr.space = 3;
	CU_ASSERT_FALSE(ask() || ask()); /* space: 2, then 1 */
	CU_ASSERT_EQUAL(attr.count, 0);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_TRUE(ask());
	begin(100);
	attr.interval = 2;
	attr.times = 0;
	ask();
	CU_ASSERT_EQUAL(attr.count, 0);
	/* 0 is as 1. */
	begin(100);
	attr.interval = 0;
	CU_ASSERT_TRUE(ask());
}

/* Expect: only tasks that are made to fail, and the row stands before times, space and interval. */
static void test_task_filter(void)
{
	struct attr_ask what = {.size = 1, .random = random_number};

	begin(100);
	attr.task_filter = true;
	attr.interval = 2;
	attr.space = 10;
	CU_ASSERT_FALSE(attr_should_fail(&attr, &what));
	CU_ASSERT_EQUAL(attr.space, 10);
	CU_ASSERT_EQUAL(attr.count, 0);
	what.task = true;
	attr.space = 0;
	CU_ASSERT_FALSE(attr_should_fail(&attr, &what));
	CU_ASSERT_TRUE(attr_should_fail(&attr, &what));
}

static bool ask_stack(unsigned frames)
{
	static const uint64_t pcs[] = {0x100, 0x200, 0x300, 0x400};
	const struct attr_ask what = {
		.size = 1, .random = random_number, .pcs = pcs, .frames = frames};

	return attr_should_fail(&attr, &what);
}

/* Expect: one frame in [start, end), none in the rejected range, looked at up to the depth. */
static void test_stack(void)
{
	begin(100);
	CU_ASSERT_TRUE(ask_stack(0)); /* the default range needs no frame */
	attr.stacktrace_depth = 0;
	CU_ASSERT_TRUE(ask_stack(4));
	begin(100);
	attr.require_start = 0x300;
	CU_ASSERT_TRUE(ask_stack(4));
	CU_ASSERT_FALSE(ask_stack(2));
	attr.require_end = 0x300;
	CU_ASSERT_FALSE(ask_stack(4));
	attr.require_end = 0x301;
	CU_ASSERT_TRUE(ask_stack(4));
	attr.stacktrace_depth = 2;
	CU_ASSERT_FALSE(ask_stack(4));
	attr.stacktrace_depth = 0;
	CU_ASSERT_FALSE(ask_stack(4));
	begin(100);
	attr.reject_start = 0x200;
	attr.reject_end = 0x201;
	CU_ASSERT_FALSE(ask_stack(4));
	CU_ASSERT_TRUE(ask_stack(1));
	/* The same frame in both: rejected. */
	attr.require_start = 0x200;
	CU_ASSERT_FALSE(ask_stack(4));
	/* The number is drawn before the stack is looked at. */
	CU_ASSERT_EQUAL(draws, 3);
}

static void test_filters(void)
{
	struct kf_request slab = {.kind = KF_SLAB, .gfp = KF_GFP_KERNEL};
	struct kf_request pages = {.kind = KF_PAGES, .gfp = KF_GFP_NOWAIT};

	begin(100);
	CU_ASSERT_FALSE(attr_ignores(&attr, FAILSLAB, &slab));
	attr.ignore_gfp_wait = true;
	CU_ASSERT_TRUE(attr_ignores(&attr, FAILSLAB, &slab));
	slab.gfp = KF_GFP_ATOMIC;
	CU_ASSERT_FALSE(attr_ignores(&attr, FAILSLAB, &slab));
	/* No cache, so none with SLAB_FAILSLAB. */
	attr.cache_filter = true;
	CU_ASSERT_TRUE(attr_ignores(&attr, FAILSLAB, &slab));
	CU_ASSERT_FALSE(attr_ignores(&attr, FAIL_PAGE_ALLOC, &pages));
	attr.min_order = 1;
	CU_ASSERT_TRUE(attr_ignores(&attr, FAIL_PAGE_ALLOC, &pages));
	CU_ASSERT_FALSE(attr_ignores(&attr, FAILSLAB, &pages) && !attr.cache_filter);
	pages.order = 1;
	CU_ASSERT_FALSE(attr_ignores(&attr, FAIL_PAGE_ALLOC, &pages));
	pages.gfp |= KF_GFP_HIGHMEM;
	CU_ASSERT_FALSE(attr_ignores(&attr, FAIL_PAGE_ALLOC, &pages));
	attr.ignore_gfp_highmem = true;
	CU_ASSERT_TRUE(attr_ignores(&attr, FAIL_PAGE_ALLOC, &pages));
	CU_ASSERT_FALSE(attr_ignores(&attr, FAIL_USERCOPY, &pages));
}

/* Expect: a burst, then silence until the interval is over, then the number of those that were missed. */
static void test_ratelimit(void)
{
	uint32_t missed;

	begin(100);
	for (unsigned i = 0; i < 50; i++)
		CU_ASSERT_TRUE(attr_may_print(&attr, 5, &missed));
	attr.verbose_ratelimit_interval_ms = 100;
	attr.verbose_ratelimit_burst = 2;
	CU_ASSERT_TRUE(attr_may_print(&attr, 1000, &missed));
	CU_ASSERT_TRUE(attr_may_print(&attr, 1000, &missed));
	CU_ASSERT_FALSE(attr_may_print(&attr, 1001, &missed));
	CU_ASSERT_FALSE(attr_may_print(&attr, 1100, &missed));
	CU_ASSERT_TRUE(attr_may_print(&attr, 1101, &missed));
	CU_ASSERT_EQUAL(missed, 2);
	CU_ASSERT_TRUE(attr_may_print(&attr, 1102, &missed));
	CU_ASSERT_EQUAL(missed, 0);
	CU_ASSERT_FALSE(attr_may_print(&attr, 1103, &missed));
}

static void set(enum capability capability, const char *name, const char *value, bool good)
{
	char err[ATTR_ERR] = "";
	int result = attr_set(&attr, capability, name, value, err);

	CU_ASSERT_EQUAL(result, good ? 0 : -1);
	CU_ASSERT_EQUAL(!err[0], good);
	if (!good)
		CU_ASSERT_PTR_NOT_NULL(strstr(err, capability_name(capability)));
}

static void test_set(void)
{
	begin(0);
	set(FAILSLAB, "probability", "10", true);
	CU_ASSERT_EQUAL(attr.probability, 10);
	set(FAILSLAB, "times", "-1", true);
	CU_ASSERT_EQUAL(attr.times, -1);
	set(FAILSLAB, "ignore-gfp-wait", "Y", true);
	CU_ASSERT_TRUE(attr.ignore_gfp_wait);
	set(FAILSLAB, "ignore-gfp-wait", "0", true);
	CU_ASSERT_FALSE(attr.ignore_gfp_wait);
	set(FAILSLAB, "stacktrace-depth", "100", true);
	CU_ASSERT_EQUAL(attr.stacktrace_depth, 32);
	set(FAILSLAB, "require-start", "0xc0001000", true);
	CU_ASSERT_EQUAL(attr.require_start, 0xc0001000);
	set(FAILSLAB, "verbose_ratelimit_interval_ms", "250", true);
	CU_ASSERT_EQUAL(attr.verbose_ratelimit_interval_ms, 250);
	set(FAIL_PAGE_ALLOC, "min-order", "2", true);
	CU_ASSERT_EQUAL(attr.min_order, 2);
	/* Another capability's attribute, another value's form. */
	set(FAILSLAB, "min-order", "1", false);
	set(FAIL_USERCOPY, "ignore-gfp-wait", "Y", false);
	set(FAIL_PAGE_ALLOC, "cache-filter", "Y", false);
	set(FAILSLAB, "probabilty", "1", false);
	set(FAILSLAB, "cache_filter", "1", false);
	set(FAILSLAB, "probability", "", false);
	set(FAILSLAB, "probability", "-1", false);
	set(FAILSLAB, "probability", "10%", false);
	set(FAILSLAB, "times", "-2", false);
	set(FAILSLAB, "times", "4294967296", false);
	set(FAILSLAB, "space", "-1", false);
	set(FAILSLAB, "task-filter", "maybe", false);
	set(FAILSLAB, "require-start", "no such function", false);
}

static void test_setup(void)
{
	static const char *const bad[] = {"",	     "1",	 "1,10,0",     "1,10,0,-1,5",
					  "1,10,0,", "a,10,0,1", "1,10,0,-1 ", "1 10 0 1"};
	char err[ATTR_ERR] = "";

	begin(0);
	CU_ASSERT_EQUAL(attr_setup(&attr, FAILSLAB, "2,10,512,-1", err), 0);
	CU_ASSERT_EQUAL(attr.interval, 2);
	CU_ASSERT_EQUAL(attr.probability, 10);
	CU_ASSERT_EQUAL(attr.space, 512);
	CU_ASSERT_EQUAL(attr.times, -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(attr_setup(&attr, FAILSLAB, bad[i], err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, "<interval>,<probability>,<space>,<times>"));
	}
}

static void check_text(enum capability capability, bool compat, const char *expected)
{
	char *text = attr_text(&attr, capability, compat);

	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

/* Expect: what is not at its default; times always where chance may refuse. */
static void test_text(void)
{
	attr_default(&attr, FAILSLAB, false);
	check_text(FAILSLAB, false, "");
	attr.probability = 10;
	check_text(FAILSLAB, false, "probability 10, times 1");
	attr.times = -1;
	attr.cache_filter = true;
	attr.require_start = 0x1000;
	check_text(FAILSLAB, false,
		   "probability 10, times -1, require-start 0x1000, cache-filter Y");
	attr_default(&attr, FAIL_PAGE_ALLOC, true);
	check_text(FAIL_PAGE_ALLOC, true, "");
	check_text(FAIL_PAGE_ALLOC, false, "ignore-gfp-wait Y, ignore-gfp-highmem Y, min-order 1");
}

CU_TestInfo attr_tests[] = {
	{"defaults", test_defaults},
	{"probability", test_probability},
	{"times", test_times},
	{"space", test_space},
	{"interval", test_interval},
	{"task-filter", test_task_filter},
	{"stack", test_stack},
	{"filters by GFP flags, order and cache", test_filters},
	{"rate limit", test_ratelimit},
	{"set", test_set},
	{"boot parameter", test_setup},
	{"text", test_text},
	CU_TEST_INFO_NULL,
};
