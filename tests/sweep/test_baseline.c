// SPDX-License-Identifier: GPL-2.0-only
/*
 * Baselines: runs that differ from them, and those that fail or die themselves.
 */
#include "suites.h"

#include <string.h>

static DRIVER_DATA void *first = NULL;
static DRIVER_DATA void *second = NULL;
static DRIVER_DATA void *third = NULL;

/* ---- determinism ---- */

static unsigned runs; /* host memory: not restored */
static unsigned steady_runs;

DRIVER static int64_t moody_init(void)
{
	unsigned wanted = runs++ < steady_runs ? 3 : 1;

	for (unsigned i = 0; i < wanted; i++) {
		void *p = kmalloc(64, GFP_KERNEL);

		STAY();
		if (!p)
			return ENOMEM_;
		kfree(p);
	}
	return 0;
}

static void test_point_that_is_not_reached(void)
{
	static const struct fake_driver driver = {moody_init, NULL, NULL, NULL};
	const struct sweep_result *r;

	runs = 0;
	steady_runs = 3; /* the baseline's own */
	r = sweep_driver(&driver, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "nondeterminism@2");
	CU_ASSERT_EQUAL(r->injected, 1);
	CU_ASSERT_EQUAL(r->findings[0].also, 1);
}

DRIVER static int64_t drifting_init(void)
{
	void *p = kmalloc(runs++ < steady_runs ? 32 : 64, GFP_KERNEL);

	STAY();
	if (!p)
		return ENOMEM_;
	kfree(p);
	return 0;
}

static void test_point_that_is_another(void)
{
	static const struct fake_driver driver = {drifting_init, NULL, NULL, NULL};

	runs = 0;
	steady_runs = 3;
	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&driver, 1)), "nondeterminism@1");
}

/* It differs from itself without any refusal: told once, and not again for each point. */
static void test_baseline_that_differs(void)
{
	static const struct fake_driver moody = {moody_init, NULL, NULL, NULL};
	static const struct fake_driver drifting = {drifting_init, NULL, NULL, NULL};
	const struct sweep_result *r;

	runs = 0;
	steady_runs = 1;
	r = sweep_driver(&moody, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "nondeterminism@");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "1 requests instead of 3"));
	runs = 0;
	steady_runs = 2;
	r = sweep_driver(&drifting, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "nondeterminism@");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "request 1 was another one"));
}

/* ---- baselines that fail ---- */

DRIVER static int64_t no_device_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(64, GFP_KERNEL);
	kfree(second);
	if (second)
		kfree(first); /* forgotten when second was refused */
	STAY();
	return -19;
}

static void test_baseline_fails_properly(void)
{
	static const struct fake_driver driver = {no_device_init, NULL, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_EQUAL(r->baseline.result, -19);
	CU_ASSERT_EQUAL(r->points, 2);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2");
}

DRIVER static int64_t hopeless_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	put_byte(third);
	STAY();
	return 0;
}

static void test_baseline_dies(void)
{
	static const struct fake_driver driver = {hopeless_init, NULL, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "null-dereference@");
	CU_ASSERT_EQUAL(r->status, SWEEP_FINDINGS);
	CU_ASSERT_EQUAL(r->injected, 0);
	CU_ASSERT_EQUAL_FATAL(r->not_judged_count, 1);
	CU_ASSERT_STRING_EQUAL(r->not_judged[0].schedule, "1+");
}

DRIVER static int64_t leaky_init(void)
{
	first = kzalloc(96, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(2000, GFP_KERNEL);
	STAY();
	return second ? 0 : ENOMEM_; /* first is lost */
}

DRIVER static void dying_exit(void)
{
	put_byte(third);
	STAY();
}

/* The error paths of init can be judged all the same. */
static void test_baseline_dies_in_exit(void)
{
	static const struct fake_driver driver = {leaky_init, dying_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "null-dereference@ leak@2");
	CU_ASSERT_EQUAL(r->injected, 2);
	CU_ASSERT_EQUAL(r->not_judged_count, 0);
}

CU_TestInfo baseline_tests[] = {
	{"a point that is not reached", test_point_that_is_not_reached},
	{"a point that is another", test_point_that_is_another},
	{"a baseline that differs", test_baseline_that_differs},
	{"baseline fails properly", test_baseline_fails_properly},
	{"baseline dies", test_baseline_dies},
	{"baseline dies in exit", test_baseline_dies_in_exit},
	CU_TEST_INFO_NULL,
};
