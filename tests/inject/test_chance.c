// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole runs under a policy: the order of the ladder, chance that is the same in every run of a seed, budgets, and what is
 * observed.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/policy.h"
#include "../../harness/trace/depot.h"
#include "capture.h"

static struct policy policy;
static uint64_t clock_ns;

static struct caller walk(void)
{
	const uint64_t pcs[] = {0x1000, 0x2000};

	return (struct caller){.stack = depot_save(pcs, 2), .on_behalf = true};
}

static bool ask_for(enum kf_kind kind, size_t size, uint32_t gfp, uint32_t order)
{
	const struct kf_request request = {.kind = kind, .size = size, .gfp = gfp, .order = order};

	return inject_should_fail(&request, walk);
}

static bool ask(void)
{
	return ask_for(KF_SLAB, 96, KF_GFP_KERNEL, 0);
}

static void task(struct trace_task *out)
{
	*out = (struct trace_task){.ns = clock_ns, .pid = 1};
}

static void start(const char *text, bool verbose)
{
	struct schedule schedule;
	char err[256];

	CU_ASSERT_EQUAL_FATAL(schedule_parse(text, &schedule, err), 0);
	inject_record(false);
	inject_begin(&schedule, verbose);
}

/* A policy of these settings, each "capability/name=value". */
static void use(bool compat, const char *const *settings, unsigned count)
{
	char err[POLICY_ERR] = "";

	policy_clear(&policy);
	policy.compat = compat;
	for (unsigned i = 0; i < count; i++)
		CU_ASSERT_EQUAL_FATAL(policy_set(&policy, settings[i], err), 0);
	CU_ASSERT_EQUAL_FATAL(policy_ready(&policy, err), 0);
	inject_set_policy(&policy);
	inject_attach(NULL, task);
	clock_ns = 0;
}

#define USE(compat, ...)                                \
	use(compat, (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void done(void)
{
	inject_set_policy(NULL);
	inject_attach(NULL, NULL);
	policy_clear(&policy);
}

/* The points that are refused of 64, as bits. */
static uint64_t course(const char *text)
{
	uint64_t bits = 0;

	start(text, false);
	for (unsigned i = 0; i < 64; i++)
		bits |= (uint64_t)ask() << i;
	return bits;
}

static unsigned ones(uint64_t bits)
{
	return (unsigned)__builtin_popcountll(bits);
}

/* Expect: a seed is a course, whatever ran before it; another seed is another. */
static void test_seed(void)
{
	uint64_t three, four;

	USE(false, "failslab/probability=25", "failslab/times=-1");
	three = course("seed=3");
	four = course("seed=4");
	CU_ASSERT_NOT_EQUAL(three, four);
	CU_ASSERT_EQUAL(course("seed=3"), three);
	CU_ASSERT(ones(three) > 4 && ones(three) < 32);
	CU_ASSERT_EQUAL(course(""), 0); /* chance has a seed or no part */
	done();
}

/* Expect: the observed points are the course, and as a schedule they repeat it without chance. */
static void test_observed(void)
{
	char text[SCHEDULE_TEXT_MAX];
	uint64_t bits;

	USE(false, "failslab/probability=25", "failslab/times=-1");
	bits = course("seed=3");
	CU_ASSERT_PTR_NOT_NULL_FATAL(inject_observed());
	schedule_print(inject_observed(), text, sizeof(text));
	CU_ASSERT_EQUAL(course(text), bits);
	/* Every second of more than 64: no schedule has so many ranges. */
	USE(false, "failslab/probability=100", "failslab/interval=2", "failslab/times=-1");
	course("seed=3");
	CU_ASSERT_PTR_NOT_NULL(inject_observed());
	ask();
	ask();
	CU_ASSERT_PTR_NULL(inject_observed());
	done();
}

/* Expect: attributes start afresh in each run. */
static void test_runs_are_apart(void)
{
	USE(false, "failslab/probability=100", "failslab/times=2", "failslab/space=200");
	for (unsigned run = 0; run < 3; run++)
		CU_ASSERT_EQUAL(course("seed=1"), 0xc); /* two are served, two refused */
	done();
}

/* Expect: until the last point that the schedule names, chance waits; behind it, it decides. */
static void test_schedule_first(void)
{
	USE(false, "failslab/probability=100", "failslab/times=-1");
	CU_ASSERT_EQUAL(course("2,5,seed=1"), ~0ull << 5 | 0x12);
	CU_ASSERT_EQUAL(course("2+,seed=1"), ~0ull << 1);
	/* A refusal by the schedule counts `times` down, and does not ask it. */
	USE(false, "failslab/probability=100", "failslab/times=2");
	CU_ASSERT_EQUAL(course("2,seed=1"), 0x6);
	USE(false, "failslab/probability=100", "failslab/times=0");
	CU_ASSERT_EQUAL(course("2,seed=1"), 0x2);
	done();
}

/* Expect: each capability has its own attributes. */
static void test_capabilities_are_apart(void)
{
	USE(false, "fail_page_alloc/probability=100", "fail_page_alloc/times=1",
	    "fail_vmalloc/probability=100", "fail_vmalloc/space=3");
	start("seed=1", false);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_TRUE(ask_for(KF_PAGES, 4096, KF_GFP_KERNEL, 0));
	CU_ASSERT_FALSE(ask_for(KF_PAGES, 4096, KF_GFP_KERNEL, 0));
	/* In pages: 2 of 3, then 1 of 1 does not go in. */
	CU_ASSERT_FALSE(ask_for(KF_VMALLOC, 4097, KF_GFP_KERNEL, 0));
	CU_ASSERT_TRUE(ask_for(KF_VMALLOC, 1, KF_GFP_KERNEL, 0));
	CU_ASSERT_EQUAL(inject_points(), 5);
	CU_ASSERT_EQUAL(inject_first()->capability, FAIL_PAGE_ALLOC);
	done();
}

/* Expect: the kernel's defaults count nothing that may sleep, no single page, no highmem page, no cache, no per-CPU area. */
static void test_compat(void)
{
	USE(true, "failslab/probability=0");
	start("1+", false);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_FALSE(ask_for(KF_PAGES, 4096, KF_GFP_ATOMIC, 0));
	CU_ASSERT_FALSE(ask_for(KF_PAGES, 8192, KF_GFP_ATOMIC | KF_GFP_HIGHMEM, 1));
	CU_ASSERT_FALSE(ask_for(KF_PAGES, 8192, KF_GFP_KERNEL, 1));
	CU_ASSERT_FALSE(ask_for(KF_VMALLOC, 8192, KF_GFP_KERNEL, 0));
	CU_ASSERT_FALSE(ask_for(KF_CACHE, 8192, KF_GFP_ATOMIC, 0));
	CU_ASSERT_FALSE(ask_for(KF_PERCPU, 8, KF_GFP_ATOMIC, 0));
	CU_ASSERT_EQUAL(inject_points(), 0);
	CU_ASSERT_TRUE(ask_for(KF_SLAB, 96, KF_GFP_ATOMIC, 0));
	CU_ASSERT_TRUE(ask_for(KF_KMALLOC_LARGE, 16384, KF_GFP_ATOMIC, 2));
	CU_ASSERT_EQUAL(inject_points(), 2);
	/* A vmalloc is asked about its vm_struct, of 64 bytes. */
	USE(true, "failslab/ignore-gfp-wait=N", "failslab/probability=100", "failslab/space=65");
	start("seed=1", false);
	CU_ASSERT_FALSE(ask_for(KF_VMALLOC, 1 << 20, KF_GFP_KERNEL, 0));
	CU_ASSERT_TRUE(ask_for(KF_VMALLOC, 1 << 20, KF_GFP_KERNEL, 0));
	CU_ASSERT_EQUAL(inject_first()->capability, FAILSLAB);
	done();
}

/* Expect: what fits is served, whatever was refused before; bytes that were asked for do not come back. */
static void test_bytes(void)
{
	start("bytes=200", false);
	CU_ASSERT_FALSE(ask_for(KF_SLAB, 100, 0, 0));
	CU_ASSERT_TRUE(ask_for(KF_SLAB, 101, 0, 0));
	CU_ASSERT_FALSE(ask_for(KF_SLAB, 100, 0, 0));
	CU_ASSERT_TRUE(ask_for(KF_SLAB, 1, 0, 0));
	CU_ASSERT_FALSE(ask_for(KF_SLAB, 0, 0, 0));
	CU_ASSERT_EQUAL(inject_points(), 5);
	start("bytes=0", false);
	CU_ASSERT_TRUE(ask_for(KF_SLAB, 1, 0, 0));
	start("2,bytes=18446744073709551615", false);
	CU_ASSERT_FALSE(ask_for(KF_SLAB, SIZE_MAX, 0, 0));
	CU_ASSERT_TRUE(ask_for(KF_SLAB, 0, 0, 0));
}

static void ask_three(void)
{
	for (unsigned i = 0; i < 3; i++) {
		ask();
		clock_ns += 50 * 1000000; /* 50 ms */
	}
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

/* Expect: the capability's own numbers, times before it is counted down. */
static void test_message(void)
{
	char *text;

	USE(false, "failslab/probability=100", "failslab/times=2", "failslab/verbose=1");
	start("seed=1", false);
	text = stderr_of(ask_three);
	CU_ASSERT_STRING_EQUAL(text,
			       "FAULT_INJECTION: forcing a failure.\n"
			       "name failslab, interval 1, probability 100, space 0, times 2\n"
			       "FAULT_INJECTION: forcing a failure.\n"
			       "name failslab, interval 1, probability 100, space 0, times 1\n");
	free(text);
	USE(false, "failslab/probability=100", "failslab/times=-1", "failslab/verbose=0");
	start("seed=1", true);
	text = stderr_of(ask_three);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	done();
}

static void ask_nowarn(void)
{
	ask_for(KF_SLAB, 96, KF_GFP_NOWAIT | KF_GFP_NOWARN, 0);
}

/* Expect: with the kernel's ways __GFP_NOWARN silences it, refused all the same; with ours it is told. */
static void test_nowarn(void)
{
	char *text;

	for (int compat = 0; compat < 2; compat++) {
		USE(compat, "failslab/verbose=1");
		start("1", true);
		text = stderr_of(ask_nowarn);
		CU_ASSERT_EQUAL(inject_refused(), 1);
		CU_ASSERT_EQUAL(count(text, "FAULT_INJECTION"), !compat);
		free(text);
	}
	done();
}

/* Expect: one message in 100 ms by the world's clock; the kernel takes the number for jiffies of 4 ms. */
static void test_message_ratelimit(void)
{
	char *text;

	USE(false, "failslab/verbose=1", "failslab/verbose_ratelimit_interval_ms=90",
	    "failslab/verbose_ratelimit_burst=1");
	clock_ns = 1000000000;
	start("1+", true);
	text = stderr_of(ask_three);
	CU_ASSERT_EQUAL(count(text, "FAULT_INJECTION"), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "fail_dump: 1 callbacks suppressed\n"));
	free(text);
	USE(true, "failslab/ignore-gfp-wait=N", "failslab/verbose=1",
	    "failslab/verbose_ratelimit_interval_ms=90", "failslab/verbose_ratelimit_burst=1");
	clock_ns = 1000000000;
	start("1+", true);
	text = stderr_of(ask_three);
	CU_ASSERT_EQUAL(count(text, "FAULT_INJECTION"), 1);
	free(text);
	done();
}

static void check_policy(const struct schedule *schedules, unsigned n, const char *expected)
{
	char *text = policy_text(&policy, "foo", schedules, n);

	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void test_policy_text(void)
{
	struct schedule schedules[3] = {{.has_seed = true, .seed = 3}};
	const struct schedule none = {0};
	char err[POLICY_ERR];

	policy_clear(&policy);
	check_policy(NULL, 0, "each request on behalf of foo is refused once; never __GFP_NOFAIL");
	check_policy(&none, 1, "nothing is refused");
	policy.scope = SCOPE_DIRECT;
	CU_ASSERT_EQUAL(policy_add_filter(&policy, false, "size=1-64", err), 0);
	CU_ASSERT_EQUAL(policy_add_filter(&policy, true, "kind=vmalloc|vmap", err), 0);
	CU_ASSERT_EQUAL(policy_set(&policy, "failslab/probability=10", err), 0);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	check_policy(schedules, 3,
		     "requests made by foo itself are refused by schedule seed=3 and 2 more; never "
		     "__GFP_NOFAIL\n"
		     "only size=1-64; not kind=vmalloc|vmap\n"
		     "failslab: probability 10, times 1");
	schedules[0] = (struct schedule){.ranges = {{7, 7}}, .count = 1};
	check_policy(schedules, 1,
		     "requests made by foo itself are refused by schedule 7; never __GFP_NOFAIL\n"
		     "only size=1-64; not kind=vmalloc|vmap\n"
		     "failslab: probability 10, times 1; chance has no part in this");
	policy_clear(&policy);
	policy.compat = true;
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	check_policy(NULL, 0,
		     "each request on behalf of foo is refused once; never __GFP_NOFAIL\n"
		     "as the kernel: ignore-gfp-wait, ignore-gfp-highmem, min-order 1");
	policy_clear(&policy);
}

static void test_bad_settings(void)
{
	static const char *const texts[] = {"failslab/probability", "failslob/times=1",
					    "failslab=1/2", "/times=1", "failslab"};
	char err[POLICY_ERR];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err[0] = '\0';
		policy_clear(&policy);
		CU_ASSERT_EQUAL(policy_set(&policy, texts[i], err), -1);
		CU_ASSERT_NOT_EQUAL(err[0], '\0');
	}
	policy_clear(&policy);
	CU_ASSERT_EQUAL(policy_set(&policy, "failslab/min-order=1", err), 0);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "--set: failslab has no attribute \"min-order\""));
	policy_clear(&policy);
}

CU_TestInfo chance_tests[] = {
	{"a seed is a course", test_seed},
	{"observed points", test_observed},
	{"runs are apart", test_runs_are_apart},
	{"the schedule comes first", test_schedule_first},
	{"capabilities are apart", test_capabilities_are_apart},
	{"as the kernel", test_compat},
	{"bytes=", test_bytes},
	{"message", test_message},
	{"__GFP_NOWARN", test_nowarn},
	{"rate limit of messages", test_message_ratelimit},
	{"policy in words", test_policy_text},
	{"bad settings", test_bad_settings},
	CU_TEST_INFO_NULL,
};
