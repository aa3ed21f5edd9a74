// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sweeps over interrupt points: a run for each, named by "irq=" in its schedule.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/interrupts.h"

static DRIVER_DATA void *first = NULL;
static DRIVER_DATA void *second = NULL;

static const struct sweep_options everywhere = {
	.jobs = 2, .timeout_ms = 200, .plan = {.interrupts = true}};

/*
 * The world of this driver could be interrupted at four moments of its init; at the third, the handler leaks. A refused
 * request leaves two of them.
 */
static uint32_t nowhere(void)
{
	return 0;
}

static void moment(bool leaks)
{
	const struct interrupt candidate = {.kind = INTERRUPT_LINE, .irq = 9, .name = "demo"};

	if (interrupts_active() && interrupts_comes(&candidate, nowhere) && leaks)
		second = kmalloc(24, GFP_ATOMIC);
}

DRIVER static int64_t interrupted_init(void)
{
	moment(false);
	first = kmalloc(100, GFP_KERNEL);
	STAY();
	moment(!first);
	if (!first)
		return ENOMEM_;
	moment(true);
	moment(false);
	return 0;
}

DRIVER static void interrupted_exit(void)
{
	kfree(first);
	STAY();
}

static const struct fake_driver interrupted_driver = {.init = interrupted_init,
						      .exit = interrupted_exit};

/* Expect: a run for each of the four, no request is refused, and the one that leaks is found and named. */
static void test_interrupts(void)
{
	const struct sweep_result *r;

	interrupts_want(true);
	r = sweep_options(&interrupted_driver, &everywhere);
	CU_ASSERT_EQUAL(r->baseline.interrupts, 4);
	CU_ASSERT_EQUAL(r->points, 4);
	CU_ASSERT_EQUAL(r->runs, 4);
	CU_ASSERT_EQUAL(r->injected, 4);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@irq=3");
	CU_ASSERT_EQUAL(r->findings[0].interrupt.n, 3);
	CU_ASSERT_STRING_EQUAL(r->findings[0].interrupt.what, "irq 9 \"demo\"");
	interrupts_want(false);
}

/* Expect: with a schedule, the points of the run that it makes, and not those of the baseline. */
static void test_interrupts_and_refusals(void)
{
	static const struct schedule first_refused = {.ranges = {{1, 1}}, .count = 1};
	struct sweep_options options = {.jobs = 1,
					.timeout_ms = 200,
					.schedules = &first_refused,
					.schedule_count = 1,
					.plan = {.interrupts = true}};
	const struct sweep_result *r;

	interrupts_want(true);
	r = sweep_options(&interrupted_driver, &options);
	CU_ASSERT_EQUAL(r->runs, 3);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@1,irq=2");
	interrupts_want(false);
}

/* Expect: not judged, since whoever asks for interrupts has some in mind. */
static void test_no_interrupts(void)
{
	const struct sweep_result *r = sweep_options(&interrupted_driver, &everywhere);

	CU_ASSERT_EQUAL(r->status, SWEEP_NOT_JUDGED);
	CU_ASSERT_EQUAL_FATAL(r->not_judged_count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(r->not_judged[0].why, "no interrupt could come"));
}

CU_TestInfo interrupt_tests[] = {
	{"each once", test_interrupts},
	{"with refusals", test_interrupts_and_refusals},
	{"none", test_no_interrupts},
	CU_TEST_INFO_NULL,
};
