// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers: nothing that a driver does may stop a sweep, and their number changes nothing but the time it takes.
 */
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MANY 60

static DRIVER_DATA void *slots[MANY] = {NULL};
static DRIVER_DATA void *nothing = NULL;

/* What happens when request 10k+5 is refused. */
static int (*on_refusal)(unsigned i);

DRIVER static void free_slots(unsigned count)
{
	while (count--) {
		kfree(slots[count]);
		STAY();
	}
}

DRIVER static int64_t many_init(void)
{
	for (unsigned i = 0; i < MANY; i++) {
		slots[i] = kmalloc(32 + i, GFP_KERNEL);
		STAY();
		if (slots[i])
			continue;
		if (i % 10 == 4 && on_refusal && on_refusal(i))
			return ENOMEM_;
		free_slots(i);
		return ENOMEM_;
	}
	return 0;
}

DRIVER static void many_exit(void)
{
	free_slots(MANY);
	STAY();
}

static const struct fake_driver many = {many_init, many_exit, NULL, NULL};

static char *whole_text(const struct sweep_result *r)
{
	char *text = calloc(1, 1 << 20), *end = text;

	end += sprintf(end, "%u %u %u %u %u %u\n", r->status, r->points, r->injected, r->absorbed,
		       r->clean, r->not_judged_count);
	for (unsigned i = 0; i < r->finding_count; i++) {
		char *json = finding_to_json(&r->findings[i]);

		end += sprintf(end, "%u %s\n", r->findings[i].also, json);
		free(json);
	}
	return text;
}

static int leak_some(unsigned i)
{
	free_slots(i - i / 10);
	return 1;
}

static void test_jobs_do_not_matter(void)
{
	char *one, *other;

	on_refusal = leak_some;
	one = whole_text(sweep_driver(&many, 1));
	CU_ASSERT_PTR_NOT_NULL(strstr(one, "\"leak\""));
	for (unsigned jobs = 2; jobs <= 8; jobs *= 2) {
		other = whole_text(sweep_driver(&many, jobs));
		CU_ASSERT_STRING_EQUAL(one, other);
		free(other);
	}
	free(one);
}

static int fault(unsigned i)
{
	put_byte(nothing);
	return 1;
}

static void test_faults(void)
{
	char *one, *four;

	on_refusal = fault;
	one = whole_text(sweep_driver(&many, 1));
	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&many, 1)), "null-dereference@5");
	CU_ASSERT_EQUAL(sweep_driver(&many, 4)->findings[0].also, MANY / 10 - 1);
	four = whole_text(sweep_driver(&many, 4));
	CU_ASSERT_STRING_EQUAL(one, four);
	free(one);
	free(four);
}

static int die_at_once(unsigned i)
{
	raise(SIGKILL);
	return 1;
}

/* A worker that is gone without a word: its run is not judged, all others are. */
static void test_killed(void)
{
	const struct sweep_result *r;

	on_refusal = die_at_once;
	r = sweep_driver(&many, 2);
	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->status, SWEEP_NOT_JUDGED);
	CU_ASSERT_EQUAL_FATAL(r->not_judged_count, MANY / 10);
	CU_ASSERT_STRING_EQUAL(r->not_judged[0].schedule, "5");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->not_judged[0].why, "signal 9"));
	CU_ASSERT_EQUAL(r->clean, MANY - MANY / 10);
}

static bool *killed_before; /* shared with workers */

static int die_once(unsigned i)
{
	if (i == 4 && !*killed_before) {
		*killed_before = true;
		raise(SIGKILL);
	}
	return 0;
}

/* Somebody else kills a worker. Expect: its run is made again, and nothing is missing. */
static void test_killed_once(void)
{
	const struct sweep_result *r;

	killed_before = mmap(NULL, sizeof(*killed_before), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_FATAL(killed_before != MAP_FAILED);
	on_refusal = die_once;
	r = sweep_driver(&many, 2);
	CU_ASSERT_TRUE(*killed_before);
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL(r->not_judged_count, 0);
	CU_ASSERT_EQUAL(r->clean, MANY);
	munmap(killed_before, sizeof(*killed_before));
}

static int leave(unsigned i)
{
	_exit(0);
}

/* An exit status of success is no verdict. */
static void test_exits(void)
{
	const struct sweep_result *r;

	on_refusal = leave;
	r = sweep_driver(&many, 2);
	CU_ASSERT_EQUAL(r->not_judged_count, MANY / 10);
	CU_ASSERT_EQUAL(r->clean, MANY - MANY / 10);
}

static int abort_it(unsigned i)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void test_aborts(void)
{
	on_refusal = abort_it;
	CU_ASSERT_EQUAL(sweep_driver(&many, 3)->not_judged_count, MANY / 10);
}

static int spin(unsigned i)
{
	for (;; i++)
		STAY();
	return 1;
}

static void test_endless_loop(void)
{
	const struct sweep_result *r;

	on_refusal = spin;
	r = sweep_driver(&many, 2);
	CU_ASSERT_STRING_EQUAL(summary(r), "hang@5");
	CU_ASSERT_EQUAL(r->findings[0].also, MANY / 10 - 1);
}

static int spin_deaf(unsigned i)
{
	signal(SIGVTALRM, SIG_IGN);
	return i == 4 ? spin(i) : 0;
}

/* It does not even answer the timer: the net below catches it. */
static void test_deaf_loop(void)
{
	const struct sweep_result *r;

	on_refusal = spin_deaf;
	r = sweep_driver(&many, 2);
	CU_ASSERT_STRING_EQUAL(summary(r), "hang@5");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "did not answer the timer"));
	CU_ASSERT_STRING_EQUAL(r->findings[0].schedule, "5");
	CU_ASSERT_EQUAL(r->clean, MANY - 1);
}

DRIVER static int64_t killed_init(void)
{
	raise(SIGKILL);
	STAY();
	return 0;
}

static void test_baseline_is_killed(void)
{
	static const struct fake_driver driver = {killed_init, NULL, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 2);

	CU_ASSERT_EQUAL(r->status, SWEEP_NOT_JUDGED);
	CU_ASSERT_EQUAL(r->finding_count, 0);
	CU_ASSERT_EQUAL_FATAL(r->not_judged_count, 2);
	CU_ASSERT_STRING_EQUAL(r->not_judged[0].schedule, "");
	CU_ASSERT_STRING_EQUAL(r->not_judged[1].schedule, "1+");
}

DRIVER static int64_t empty_init(void)
{
	STAY();
	return 0;
}

static void test_no_points(void)
{
	static const struct fake_driver driver = {empty_init, NULL, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 4);

	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL(r->points, 0);
}

static unsigned told;
static char order[256];

static void note(const struct finding *finding, unsigned number, void *arg)
{
	CU_ASSERT_EQUAL(number, ++told);
	snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s ", finding->schedule);
}

/* Findings are told in the order of schedules, while other workers are ahead. */
static void test_order_of_telling(void)
{
	struct sweep_options options = {.jobs = 4, .timeout_ms = 200, .found = note};
	struct sweep_result result;
	char err[256];

	on_refusal = leak_some;
	told = 0;
	order[0] = '\0';
	CU_ASSERT_EQUAL_FATAL(sweep(fake_target(&many), &options, &result, err), 0);
	CU_ASSERT_EQUAL(told, result.finding_count);
	CU_ASSERT_STRING_EQUAL(order, "15 ");
	sweep_result_clear(&result);
}

static void test_repeat(void)
{
	struct sweep_options options = {.jobs = 2, .timeout_ms = 200, .repeat = 50};
	struct sweep_result result;
	char err[256];

	on_refusal = leak_some;
	CU_ASSERT_EQUAL_FATAL(sweep(fake_target(&many), &options, &result, err), 0);
	CU_ASSERT_EQUAL(result.points, MANY);
	CU_ASSERT_EQUAL(result.injected, 50 * MANY);
	CU_ASSERT_EQUAL(result.finding_count, 1);
	sweep_result_clear(&result);
}

/* The baseline alone, and then a run in this very process, as a replay does it. */
static void test_baseline_then_run(void)
{
	const struct target *target = fake_target(&many);
	struct sweep_options options = {.timeout_ms = 200};
	struct run_options run = {.timeout_ms = 200};
	struct run_expect expect;
	struct sweep_result result;
	struct run_result one;
	struct schedule schedule;
	char err[256];

	on_refusal = leak_some;
	CU_ASSERT_EQUAL_FATAL(sweep_baseline(target, &options, &expect, &result, err), 0);
	CU_ASSERT_TRUE(expect.known);
	CU_ASSERT_EQUAL(expect.points, MANY);
	CU_ASSERT_EQUAL_FATAL(schedule_parse("15", &schedule, err), 0);
	run_attach(target);
	run_schedule(target, &run, &expect, &schedule, &one);
	CU_ASSERT_TRUE(one.consumed);
	CU_ASSERT_EQUAL(one.result, ENOMEM_);
	CU_ASSERT_EQUAL_FATAL(one.finding_count, 1);
	CU_ASSERT_EQUAL(one.findings[0].kind, FINDING_LEAK);
	run_result_clear(&one);
	sweep_result_clear(&result);
}

CU_TestInfo worker_tests[] = {
	{"jobs do not matter", test_jobs_do_not_matter},
	{"faults", test_faults},
	{"killed", test_killed},
	{"killed once", test_killed_once},
	{"exits", test_exits},
	{"aborts", test_aborts},
	{"endless loop", test_endless_loop},
	{"deaf loop", test_deaf_loop},
	{"baseline is killed", test_baseline_is_killed},
	{"no points", test_no_points},
	{"order of telling", test_order_of_telling},
	{"repeat", test_repeat},
	{"baseline, then a run", test_baseline_then_run},
	CU_TEST_INFO_NULL,
};
