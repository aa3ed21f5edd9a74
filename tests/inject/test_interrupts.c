// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt points: counted from 1, in every run alike, and the one that the schedule names comes.
 */
#include <string.h>
#include "../../harness/inject/interrupts.h"
#include "suites.h"

static const struct interrupt line = {.kind = INTERRUPT_LINE, .irq = 5, .name = "demo"};

static uint32_t here(void)
{
	return 77;
}

static void begin(const char *text)
{
	struct schedule schedule;
	char err[256];

	CU_ASSERT_EQUAL_FATAL(schedule_parse(text, &schedule, err), 0);
	inject_begin(&schedule, false);
	interrupts_begin(&schedule);
}

/* Expect: without irq= none comes, and all are counted. */
static void test_counted(void)
{
	interrupts_want(true);
	begin("3");
	CU_ASSERT_TRUE(interrupts_active());
	for (unsigned i = 0; i < 10; i++)
		CU_ASSERT_FALSE(interrupts_comes(&line, here));
	CU_ASSERT_EQUAL(interrupts_points(), 10);
	CU_ASSERT_PTR_NULL(interrupts_last());
}

/* Expect: the third comes, and nothing is counted behind it: the run has gone another way. */
static void test_one_comes(void)
{
	const struct interrupt *last;

	interrupts_want(true);
	begin("irq=3");
	CU_ASSERT_FALSE(interrupts_comes(&line, here));
	CU_ASSERT_FALSE(interrupts_comes(&line, here));
	CU_ASSERT_TRUE(interrupts_comes(&line, here));
	CU_ASSERT_FALSE(interrupts_active());
	last = interrupts_last();
	CU_ASSERT_PTR_NOT_NULL_FATAL(last);
	CU_ASSERT_EQUAL(last->n, 3);
	CU_ASSERT_EQUAL(last->irq, 5);
	CU_ASSERT_EQUAL(last->stack, 77);
	CU_ASSERT_STRING_EQUAL(last->name, "demo");
	begin("");
	CU_ASSERT_PTR_NULL(interrupts_last());
	CU_ASSERT_EQUAL(interrupts_points(), 0);
}

/* Expect: every one comes, to the end of the run. */
static void test_every(void)
{
	interrupts_want(true);
	begin("irq=every");
	for (unsigned i = 1; i <= 5; i++) {
		CU_ASSERT_TRUE(interrupts_active());
		CU_ASSERT_TRUE(interrupts_comes(&line, here));
		CU_ASSERT_EQUAL(interrupts_last()->n, i);
	}
	CU_ASSERT_TRUE(interrupts_every());
}

/* Expect: no points while nobody wants them, nor while requests are not counted. */
static void test_inactive(void)
{
	interrupts_want(true);
	begin("irq=1");
	inject_suspend();
	CU_ASSERT_FALSE(interrupts_active());
	inject_resume();
	CU_ASSERT_TRUE(interrupts_active());
	interrupts_want(false);
	CU_ASSERT_FALSE(interrupts_active());
}

CU_TestInfo interrupts_tests[] = {
	{"counted", test_counted},
	{"one comes", test_one_comes},
	{"every one comes", test_every},
	{"inactive", test_inactive},
	CU_TEST_INFO_NULL,
};
