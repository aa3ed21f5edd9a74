// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan: which runs are made, in which order, and what is said of those that are not. Drivers have paths that
 * only a refusal opens, requests that share a call stack, and more points than a test wants to wait for.
 */
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/sweep/shared.h"

static DRIVER_DATA void *first = NULL;
static DRIVER_DATA void *second = NULL;
static DRIVER_DATA void *third = NULL;
static DRIVER_DATA void *many[40] = {NULL};

static struct sweep_result *plan_sweep(const struct fake_driver *driver, struct plan_options plan,
				       unsigned jobs)
{
	struct sweep_options options = {.jobs = jobs, .timeout_ms = 200, .plan = plan};

	return sweep_options(driver, &options);
}

/* All that a sweep says, as text, but for times. */
static char *told(const struct sweep_result *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "%u %u %u %u %u %u %u %u\n", r->status, r->points, r->runs, r->injected,
		r->absorbed, r->clean, r->not_swept, r->not_judged_count);
	for (unsigned i = 0; i < r->finding_count; i++) {
		char *json = finding_to_json(&r->findings[i]);

		fprintf(out, "%s\n", json);
		free(json);
	}
	for (unsigned i = 0; i < r->never_refused_count; i++)
		fprintf(out, "%s %s %s\n", r->never_refused[i].site, r->never_refused[i].points,
			r->never_refused[i].why);
	fclose(out);
	return text;
}

/* Expect: 1, 2 and 5 workers say the same. Returns what they say, for free(). */
static char *same_for_all_jobs(const struct fake_driver *driver, struct plan_options plan)
{
	char *one = told(plan_sweep(driver, plan, 1));

	for (unsigned jobs = 2; jobs <= 5; jobs += 3) {
		char *other = told(plan_sweep(driver, plan, jobs));

		CU_ASSERT_STRING_EQUAL(one, other);
		free(other);
	}
	return one;
}

/* ---- a driver whose error path asks for more ---- */

/*
 * 1 first
 * 2 second	refused: 3 a report (fallback: none), then the end
 * 3 third
 *
 * The report leaks `first` when it is refused as well: that takes two refusals, and then a second report that is
 * refused loses `second`'s place, which takes three.
 */
DRIVER static int64_t reporting_init(void)
{
	void *report;

	first = kmalloc(100, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(200, GFP_KERNEL);
	if (!second) {
		report = kmalloc(300, GFP_KERNEL);
		STAY();
		if (!report) {
			report = kmalloc(400, GFP_KERNEL);
			STAY();
			if (!report)
				return ENOMEM_; /* first is lost */
		}
		kfree(report);
		kfree(first);
		return ENOMEM_;
	}
	third = kmalloc(500, GFP_KERNEL);
	STAY();
	if (third)
		return 0;
	kfree(second);
	kfree(first);
	return ENOMEM_;
}

DRIVER static void reporting_exit(void)
{
	kfree(third);
	kfree(second);
	kfree(first);
	STAY();
}

static const struct fake_driver reporting = {reporting_init, reporting_exit, NULL, NULL};

/* Expect: only three refusals in a row show it, and --depth 3 is what makes them. */
static void test_depth(void)
{
	struct sweep_result *r = plan_sweep(&reporting, (struct plan_options){.depth = 1}, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->runs, 3);
	r = plan_sweep(&reporting, (struct plan_options){.depth = 2}, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->runs, 4); /* and 2,3 */
	CU_ASSERT_EQUAL(r->points, 3);
	r = plan_sweep(&reporting, (struct plan_options){.depth = 3}, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2x3");
	CU_ASSERT_EQUAL(r->runs, 5); /* and 2,3,4 */
	CU_ASSERT_EQUAL(r->injected, 5);
	CU_ASSERT_STRING_EQUAL(r->plan, "depth=3");
	free(same_for_all_jobs(&reporting, (struct plan_options){.depth = 3}));
}

/* Expect: n and each later point of the run in which n is refused: 2,3; and 1 and 3 end the run. */
static void test_pairs(void)
{
	struct sweep_result *r;

	r = plan_sweep(&reporting, (struct plan_options){.modes = PLAN_PAIRS}, 1);
	CU_ASSERT_EQUAL(r->runs, 4);
	CU_ASSERT_STRING_EQUAL(r->plan, "mode=single,pairs");
	r = plan_sweep(&reporting, (struct plan_options){.modes = PLAN_PAIRS, .depth = 3}, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2x3");
}

DRIVER static int64_t absorbing_init(void)
{
	for (unsigned i = 0, n = times(6); i < n; i++) {
		kfree(kmalloc(10 + i, GFP_KERNEL));
		STAY();
	}
	return 0;
}

static const struct fake_driver absorbing = {absorbing_init, NULL, NULL, NULL};

/* A driver that goes on whatever is refused. Expect: no point is fresh, and all pairs are all of them. */
static void test_pairs_of_all(void)
{
	struct sweep_result *r = plan_sweep(&absorbing, (struct plan_options){.depth = 4}, 1);

	CU_ASSERT_EQUAL(r->runs, 6);
	r = plan_sweep(&absorbing, (struct plan_options){.modes = PLAN_PAIRS}, 3);
	CU_ASSERT_EQUAL(r->runs, 6 + 6 * 5 / 2);
	CU_ASSERT_EQUAL(r->injected, r->runs);
	free(same_for_all_jobs(&absorbing, (struct plan_options){.modes = PLAN_PAIRS}));
}

DRIVER static int64_t stubborn_init(void)
{
	do {
		first = kmalloc(64, GFP_KERNEL);
		STAY();
	} while (!first);
	return 0;
}

DRIVER static void first_exit(void)
{
	kfree(first);
	STAY();
}

/* A single refusal is tried again; only a persistent one makes it loop for good. */
static void test_persistent(void)
{
	static const struct fake_driver driver = {stubborn_init, first_exit, NULL, NULL};
	struct sweep_result *r;

	CU_ASSERT_STRING_EQUAL(summary(plan_sweep(&driver, (struct plan_options){0}, 1)), "");
	r = plan_sweep(&driver, (struct plan_options){.modes = PLAN_PERSISTENT}, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "hang@1+");
	CU_ASSERT_EQUAL(r->runs, 1);
	r = plan_sweep(&driver, (struct plan_options){.modes = PLAN_SINGLE | PLAN_PERSISTENT}, 1);
	CU_ASSERT_EQUAL(r->runs, 2);
	CU_ASSERT_EQUAL(r->absorbed, 1);
	/* The same request made again is one that the baseline does not make there. */
	r = plan_sweep(&driver, (struct plan_options){.depth = 3}, 1);
	CU_ASSERT_EQUAL(r->runs, 3);
	CU_ASSERT_EQUAL(r->absorbed, 3);
}

/* ---- call stacks ---- */

DRIVER static void *from_inside(unsigned size)
{
	void *p = kmalloc(size, GFP_KERNEL);

	STAY();
	return p;
}

/* 40 requests: two callers of from_inside() by turns, each in a loop. */
DRIVER static int64_t looping_init(void)
{
	unsigned i = 0;

	for (unsigned n = times(20); n && (!i || many[i - 1]); n--) {
		many[i++] = from_inside(64);
		if (many[i - 1])
			many[i++] = from_inside(96);
	}
	if (many[i - 1])
		return 0;
	while (i--)
		kfree(many[i]);
	STAY();
	return ENOMEM_;
}

DRIVER static void looping_exit(void)
{
	for (unsigned i = 0; i < 40; i++)
		kfree(many[i]);
	STAY();
}

static const struct fake_driver looping = {looping_init, looping_exit, NULL, NULL};

static void test_stacks(void)
{
	struct plan_options once = {.stacks = STACKS_ONCE};
	struct sweep_result *r = plan_sweep(&looping, once, 2);

	CU_ASSERT_EQUAL(r->points, 2);
	CU_ASSERT_EQUAL(r->injected, 2);
	CU_ASSERT_EQUAL(r->baseline.points, 40);
	CU_ASSERT_EQUAL(r->operations[0].same_stack, 38);
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL_FATAL(r->never_refused_count, 2);
	CU_ASSERT_STRING_EQUAL(r->never_refused[0].why, "same stack as point 1");
	CU_ASSERT_EQUAL(r->never_refused[0].count, 19);
	CU_ASSERT_STRING_EQUAL(r->never_refused[1].why, "same stack as point 2");
	/* The innermost frame is one and the same. */
	once.stack_depth = 1;
	r = plan_sweep(&looping, once, 1);
	CU_ASSERT_EQUAL(r->points, 1);
	/* Few points: all of them, unless it is asked for. */
	r = plan_sweep(&looping, (struct plan_options){0}, 1);
	CU_ASSERT_EQUAL(r->points, 40);
	free(same_for_all_jobs(&looping, (struct plan_options){.stacks = STACKS_ONCE}));
}

#define THOUSANDS (STACKS_ALL_MAX + 1)

DRIVER static int64_t thousands_init(void)
{
	for (unsigned i = 0, n = times(THOUSANDS); i < n; i++) {
		void *p = kmalloc(64, GFP_KERNEL);

		STAY();
		if (!p)
			return ENOMEM_;
		kfree(p);
	}
	return 0;
}

/* Expect: by default as well, once there are very many; and not with STACKS_ALL. */
static void test_stacks_of_many(void)
{
	static const struct fake_driver driver = {thousands_init, NULL, NULL, NULL};
	struct plan_options all = {.stacks = STACKS_ALL, .shards = THOUSANDS, .shard = THOUSANDS};
	struct sweep_result *r = plan_sweep(&driver, (struct plan_options){0}, 1);

	CU_ASSERT_EQUAL(r->baseline.points, THOUSANDS);
	CU_ASSERT_EQUAL(r->points, 1);
	CU_ASSERT_EQUAL(r->operations[0].same_stack, THOUSANDS - 1);
	r = plan_sweep(&driver, all, 1);
	CU_ASSERT_EQUAL(r->points, 1);
	CU_ASSERT_EQUAL(r->operations[0].same_stack, 0);
}

/* ---- a part of the points ---- */

static struct shared *shared;

/* The points of the first wave for a baseline of so many points, in the order in which they would be run. */
static uint32_t planned(struct plan_options options, uint32_t points, uint32_t *out)
{
	struct sweep_options sweep = {.plan = options};
	struct plan plan;
	uint32_t count;

	if (!shared)
		shared = shared_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
	shared->operations = 1;
	shared->baselines[0].points = points;
	plan_begin(&plan, &sweep, shared);
	count = plan.first_wave;
	for (uint32_t i = 0; i < count; i++)
		out[i] = shared->slots[i].point;
	plan_clear(&plan);
	return count;
}

/* Expect: N points, at most one step apart from being evenly spread; another day, others; and all within some days. */
static void test_shallow(void)
{
	struct plan_options options = {.shallow = 10};
	bool seen[100] = {false};
	uint32_t points[100];

	for (options.seed = 20778; options.seed < 20778 + 20; options.seed++) {
		CU_ASSERT_EQUAL_FATAL(planned(options, 100, points), 10);
		for (unsigned i = 0; i < 10; i++) {
			CU_ASSERT(points[i] > 10 * i && points[i] <= 10 * i + 10);
			seen[points[i] - 1] = true;
		}
	}
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_TRUE(seen[i]);
	options.shallow = 7; /* no divisor */
	CU_ASSERT_EQUAL(planned(options, 100, points), 7);
	options.shallow = 200;
	CU_ASSERT_EQUAL(planned(options, 100, points), 100);
	options.shallow = 1;
	CU_ASSERT_EQUAL(planned(options, 1, points), 1);
	CU_ASSERT_EQUAL(planned(options, 0, points), 0);
}

/* A budget that is enough for a tenth. Expect: the points in order from a place of the day's; none is left out for long. */
static void test_budget_rotates(void)
{
	struct plan_options options = {.budget_s = 60};
	bool seen[100] = {false};
	uint32_t points[100];

	for (options.seed = 20778; options.seed < 20778 + 20; options.seed++) {
		CU_ASSERT_EQUAL_FATAL(planned(options, 100, points), 100);
		for (unsigned i = 1; i < 100; i++)
			CU_ASSERT_EQUAL(points[i], points[i - 1] % 100 + 1);
		for (unsigned i = 0; i < 10; i++)
			seen[points[i] - 1] = true;
	}
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_TRUE(seen[i]);
}

/* Expect: every point in exactly one shard, whatever else is asked for. */
static void test_shards(void)
{
	struct plan_options options = {.shards = 7, .budget_s = 60, .seed = 5};
	unsigned seen[100] = {0};
	uint32_t points[100];

	for (options.shard = 1; options.shard <= 7; options.shard++) {
		uint32_t count = planned(options, 100, points);

		CU_ASSERT(count == 14 || count == 15);
		for (uint32_t i = 0; i < count; i++)
			seen[points[i] - 1]++;
	}
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(seen[i], 1);
}

/* Expect: what the shards find is what the whole sweep finds, follow-ups too. */
static void test_shards_find_all(void)
{
	struct plan_options options = {.depth = 3, .shards = 2};
	unsigned runs = 0, findings = 0;

	for (options.shard = 1; options.shard <= 2; options.shard++) {
		struct sweep_result *r = plan_sweep(&reporting, options, options.shard);

		runs += r->runs;
		findings += r->finding_count;
	}
	CU_ASSERT_EQUAL(runs, 5);
	CU_ASSERT_EQUAL(findings, 1);
	CU_ASSERT_STRING_EQUAL(summary(plan_sweep(&reporting, options, 1)), "");
}

/* ---- what is said of the rest ---- */

static void test_never_refused(void)
{
	struct plan_options shard = {.shards = 3, .shard = 2};
	struct sweep_result *r = plan_sweep(&reporting, (struct plan_options){0}, 1);

	CU_ASSERT_EQUAL(r->never_refused_count, 0);
	r = plan_sweep(&reporting, shard, 1);
	CU_ASSERT_EQUAL_FATAL(r->never_refused_count, 2);
	CU_ASSERT_STRING_EQUAL(r->never_refused[0].points, "1");
	CU_ASSERT_STRING_EQUAL(r->never_refused[0].why, "in another shard");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r->never_refused[0].site, "failslab(100 bytes) at reporting_init+"));
	CU_ASSERT_STRING_EQUAL(r->never_refused[1].points, "3");
	r = plan_sweep(&reporting, (struct plan_options){.shallow = 1}, 1);
	CU_ASSERT_EQUAL_FATAL(r->never_refused_count, 2);
	CU_ASSERT_STRING_EQUAL(r->never_refused[0].why, "left out of a shallow sweep");
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	/* A stack of which one request was refused is not missed. */
	r = plan_sweep(&looping, (struct plan_options){.shallow = 20}, 1);
	CU_ASSERT_EQUAL(r->never_refused_count <= 1, true);
}

DRIVER static int64_t insisting_init(void)
{
	first = kmalloc(100, GFP_KERNEL | KF_GFP_NOFAIL);
	second = kmalloc(200, GFP_KERNEL);
	STAY();
	if (second)
		return 0;
	kfree(first);
	return ENOMEM_;
}

DRIVER static void insisting_exit(void)
{
	kfree(second);
	kfree(first);
	STAY();
}

/* What is no point is listed too: nobody will ever refuse it. */
static void test_no_point(void)
{
	static const struct fake_driver driver = {insisting_init, insisting_exit, NULL, NULL};
	struct sweep_result *r = plan_sweep(&driver, (struct plan_options){0}, 1);

	CU_ASSERT_EQUAL(r->baseline.points, 1);
	CU_ASSERT_EQUAL_FATAL(r->never_refused_count, 1);
	CU_ASSERT_STRING_EQUAL(r->never_refused[0].points, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->never_refused[0].site, "failslab(100 bytes)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r->never_refused[0].why, "__GFP_NOFAIL"));
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
}

static void expect_points(const struct expected_points *expected, unsigned status)
{
	struct plan_options options = {.expected = expected, .expected_count = 1};
	const struct sweep_result *r = plan_sweep(&reporting, options, 1);

	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT_EQUAL(r->unexpected_count, status != SWEEP_CLEAN);
}

/* Expect: another number of points is a failure, and is told as one. */
static void test_expected_points(void)
{
	const struct expected_points three = {NULL, 3, 3}, named = {"init-exit", 1, 3},
				     two = {NULL, 2, 2}, more = {"init-exit", 4, 9};

	expect_points(&three, SWEEP_CLEAN);
	expect_points(&named, SWEEP_CLEAN);
	expect_points(&two, SWEEP_FINDINGS);
	expect_points(&more, SWEEP_FINDINGS);
}

static void test_unknown_operation(void)
{
	const struct expected_points wrong = {"open", 3, 3};
	struct sweep_options options = {.plan = {.expected = &wrong, .expected_count = 1}};
	char err[256] = "";

	CU_ASSERT_EQUAL(sweep_check(fake_target(&reporting), &options, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "no operation \"open\""));
}

static void interrupt_at_once(const struct finding *finding, unsigned number, void *arg)
{
	raise(SIGINT);
}

DRIVER static int64_t forgetful_init(void)
{
	first = kmalloc(32, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	for (unsigned i = 0, n = times(300); i < n; i++) {
		second = kmalloc(64, GFP_KERNEL);
		STAY();
		if (!second)
			return ENOMEM_; /* first is lost */
		kfree(second);
	}
	kfree(first);
	return 0;
}

/* Expect: what was complete counts, the rest is said, and nothing passes for clean. */
static void test_interrupted(void)
{
	static const struct fake_driver driver = {forgetful_init, NULL, NULL, NULL};
	struct sweep_options options = {.jobs = 2, .timeout_ms = 200, .found = interrupt_at_once};
	const struct sweep_result *r = sweep_options(&driver, &options);

	CU_ASSERT_EQUAL(r->interrupted, SIGINT);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2");
	CU_ASSERT_EQUAL(r->runs + r->not_swept, 301);
	CU_ASSERT(r->runs >= 2);
	CU_ASSERT_EQUAL_FATAL(r->not_judged_count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(r->not_judged[0].why, "interrupted by signal 2"));
	CU_ASSERT_EQUAL(r->status, SWEEP_FINDINGS);
}

/* ---- rows ---- */

/* Expect: points refused in rows, by passes, come to the same as by runs of their own. */
static void test_rows(void)
{
	static const struct fake_driver leaking = {forgetful_init, NULL, NULL, NULL};
	static const struct fake_driver *const drivers[] = {&leaking, &reporting, &looping};
	struct sweep_options options = {.timeout_ms = 200};

	for (unsigned i = 0; i < 3; i++) {
		char *runs, *rows;

		options.fork_at_point = FORK_NEVER;
		runs = told(sweep_options(drivers[i], &options));
		options.fork_at_point = FORK_ALWAYS;
		for (options.jobs = 1; options.jobs <= 3; options.jobs++) {
			rows = told(sweep_options(drivers[i], &options));
			CU_ASSERT_STRING_EQUAL(runs, rows);
			free(rows);
		}
		free(runs);
	}
}

CU_TestInfo plan_tests[] = {
	{"depth", test_depth},
	{"pairs", test_pairs},
	{"pairs of all", test_pairs_of_all},
	{"persistent", test_persistent},
	{"stacks", test_stacks},
	{"stacks of many", test_stacks_of_many},
	{"shallow", test_shallow},
	{"a budget rotates", test_budget_rotates},
	{"shards", test_shards},
	{"shards find all", test_shards_find_all},
	{"never refused", test_never_refused},
	{"no point", test_no_point},
	{"expected points", test_expected_points},
	{"unknown operation", test_unknown_operation},
	{"interrupted", test_interrupted},
	{"rows", test_rows},
	CU_TEST_INFO_NULL,
};
