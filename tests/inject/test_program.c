// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program asks for itself (kfail.h): fail-nth of a task with its read-back, make-it-fail, regions of points and
 * benign ones.
 */
#include "suites.h"

#include "../../harness/inject/policy.h"
#include "../../harness/native/include/kfail.h"
#include "../../harness/trace/depot.h"

#define HARDIRQ 0x10000u

static struct trace_task now;

static void task(struct trace_task *out)
{
	*out = now;
}

static struct caller walk(void)
{
	const uint64_t pcs[] = {0x1000, 0x2000};

	return (struct caller){.stack = depot_save(pcs, 2), .on_behalf = true};
}

static bool ask(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 96, .gfp = KF_GFP_KERNEL};

	return inject_should_fail(&request, walk);
}

/* A run, of the baseline or not, in task 1. */
static void start(const char *text, bool baseline)
{
	struct schedule schedule;
	char err[256];

	CU_ASSERT_EQUAL_FATAL(schedule_parse(text, &schedule, err), 0);
	now = (struct trace_task){.pid = 1};
	inject_attach(NULL, task);
	inject_record(baseline);
	inject_begin(&schedule, false);
}

static void done(void)
{
	inject_set_policy(NULL);
	inject_attach(NULL, NULL);
	inject_record(false);
}

/* Expect: the n-th from here, once; read back 0, or what is left. */
static void test_fail_nth(void)
{
	start("", false);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 0);
	kfail_fail_nth(3);
	CU_ASSERT_FALSE(ask() || ask());
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 1);
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 0);
	CU_ASSERT_FALSE(ask());
	kfail_fail_nth(2);
	kfail_fail_nth(0);
	CU_ASSERT_FALSE(ask() || ask());
	/* It ends with the run. */
	kfail_fail_nth(1);
	start("", false);
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 0);
	CU_ASSERT_FALSE(ask());
	done();
}

/* Expect: the systematic loop of the kernel's documentation ends behind the last point. */
static void test_loop(void)
{
	unsigned n, refused = 0;

	start("", false);
	for (n = 1;; n++) {
		kfail_fail_nth(n);
		for (unsigned i = 0; i < 4; i++)
			refused += ask();
		if (kfail_fail_nth_read())
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	CU_ASSERT_EQUAL(refused, 4);
	done();
}

/* Expect: a countdown of each task, none in a new one, and interrupts do not count. */
static void test_tasks(void)
{
	start("", false);
	kfail_fail_nth(2);
	now.pid = 2;
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 0);
	CU_ASSERT_FALSE(ask() || ask() || ask());
	kfail_fail_nth(1);
	now.pid = 1;
	CU_ASSERT_FALSE(ask());
	now.preempt_count = HARDIRQ;
	CU_ASSERT_FALSE(ask() || ask());
	now.preempt_count = 0;
	CU_ASSERT_EQUAL(kfail_fail_nth_read(), 1);
	CU_ASSERT_TRUE(ask());
	now.pid = 2;
	CU_ASSERT_TRUE(ask());
	done();
}

/* Expect: the program's own refusals are no part of the schedule's: not counted, and not observed. */
static void test_own_refusals(void)
{
	start("4", false);
	kfail_fail_nth(2);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_EQUAL(inject_refused(), 0);
	CU_ASSERT_PTR_NULL(inject_first());
	CU_ASSERT_PTR_NOT_NULL_FATAL(inject_last());
	CU_ASSERT_TRUE(inject_last()->program);
	CU_ASSERT_EQUAL(inject_last()->n, 2);
	CU_ASSERT_FALSE(ask());
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_EQUAL(inject_refused(), 1);
	CU_ASSERT_EQUAL(inject_first()->n, 4);
	CU_ASSERT_EQUAL(inject_observed()->ranges[0].first, 4);
	done();
}

static struct policy policy;

static void use(const char *setting)
{
	char err[POLICY_ERR];

	policy_clear(&policy);
	CU_ASSERT_EQUAL(policy_set(&policy, "failslab/probability=100", err), 0);
	CU_ASSERT_EQUAL(policy_set(&policy, "failslab/times=-1", err), 0);
	CU_ASSERT_EQUAL(policy_set(&policy, setting, err), 0);
	CU_ASSERT_EQUAL_FATAL(policy_ready(&policy, err), 0);
	inject_set_policy(&policy);
}

/* Expect: chance waits while a countdown is pending. */
static void test_chance_waits(void)
{
	use("failslab/interval=1");
	start("seed=1", false);
	CU_ASSERT_TRUE(ask());
	kfail_fail_nth(3);
	CU_ASSERT_FALSE(ask() || ask());
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_TRUE(inject_last()->program);
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_FALSE(inject_last()->program);
	done();
	policy_clear(&policy);
}

/* Expect: with task-filter the scenario's task, until it takes that back; others only at their wish; no interrupt. */
static void test_make_it_fail(void)
{
	use("failslab/task-filter=Y");
	start("seed=1", false);
	CU_ASSERT_TRUE(ask());
	now.preempt_count = HARDIRQ;
	CU_ASSERT_FALSE(ask());
	now.preempt_count = 0;
	now.pid = 2;
	CU_ASSERT_FALSE(ask());
	kfail_make_it_fail(true);
	CU_ASSERT_TRUE(ask());
	now.pid = 1;
	kfail_make_it_fail(false);
	CU_ASSERT_FALSE(ask());
	now.pid = 3;
	CU_ASSERT_FALSE(ask());
	done();
	policy_clear(&policy);
}

static void marked_course(bool *refused)
{
	refused[0] = ask();
	kfail_fail_begin();
	refused[1] = ask();
	kfail_fail_begin();
	refused[2] = ask();
	kfail_fail_end();
	refused[3] = ask();
	kfail_fail_end();
	refused[4] = ask();
}

/* Expect: the baseline finds the marks, and from then on only what lies between them has numbers. */
static void test_regions(void)
{
	bool refused[5];

	inject_set_policy(NULL);
	start("", true);
	marked_course(refused);
	CU_ASSERT_EQUAL(inject_points(), 3);
	CU_ASSERT_PTR_NOT_NULL(inject_recorded(3));
	start("1,3", false);
	marked_course(refused);
	CU_ASSERT_EQUAL(inject_points(), 3);
	CU_ASSERT(!refused[0] && refused[1] && !refused[2] && refused[3] && !refused[4]);
	/* An end too many is none. */
	start("1", false);
	kfail_fail_end();
	kfail_fail_begin();
	CU_ASSERT_TRUE(ask());
	done();
}

/* Expect: a countdown goes by requests, between the marks and outside, in the baseline and behind it. */
static void test_fail_nth_outside_regions(void)
{
	inject_set_policy(NULL);
	for (int run = 0; run < 2; run++) {
		start("", !run);
		kfail_fail_nth(2);
		CU_ASSERT_FALSE(ask());
		CU_ASSERT_TRUE(ask());
		kfail_fail_begin();
		CU_ASSERT_FALSE(ask());
		kfail_fail_end();
		CU_ASSERT_EQUAL(inject_points(), 1);
	}
	done();
}

/* Expect: without a mark in the baseline a run has one region, even if it marks something then. */
static void test_no_regions(void)
{
	inject_set_policy(NULL);
	start("", true);
	ask();
	CU_ASSERT_EQUAL(inject_points(), 1);
	for (int kept = 0; kept < 2; kept++) { /* the points of an error path may be kept too */
		start("1", kept);
		CU_ASSERT_TRUE(ask());
		kfail_fail_begin();
		ask();
		kfail_fail_end();
		ask();
		CU_ASSERT_EQUAL(inject_points(), 3);
	}
	done();
}

static void test_benign_regions(void)
{
	start("1,2,3", false);
	ask();
	CU_ASSERT_FALSE(inject_last()->benign);
	kfail_benign_begin();
	CU_ASSERT_TRUE(ask());
	CU_ASSERT_TRUE(inject_last()->benign);
	kfail_benign_end();
	kfail_benign_end();
	ask();
	CU_ASSERT_FALSE(inject_last()->benign);
	done();
}

CU_TestInfo program_tests[] = {
	{"fail-nth", test_fail_nth},
	{"the systematic loop", test_loop},
	{"tasks", test_tasks},
	{"own refusals", test_own_refusals},
	{"chance waits", test_chance_waits},
	{"make-it-fail", test_make_it_fail},
	{"regions", test_regions},
	{"fail-nth outside of regions", test_fail_nth_outside_regions},
	{"no regions", test_no_regions},
	{"benign regions", test_benign_regions},
	CU_TEST_INFO_NULL,
};
