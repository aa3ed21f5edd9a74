// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary of a leak gate: found in a driver that is clean, in one that leaks and in one that fails; and missed where
 * somebody takes it away, which makes a clean result one that is not judged.
 */
#include "suites.h"

#include "../../harness/judge/judge.h"

DRIVER_DATA static void *kept = NULL;

DRIVER static int64_t init_clean(void)
{
	kept = kmalloc(96, GFP_KERNEL);
	STAY();
	return 0;
}

DRIVER static void exit_clean(void)
{
	kfree(kept);
	STAY();
}

DRIVER static void exit_leaks(void)
{
	STAY();
}

DRIVER static int64_t init_fails(void)
{
	return ENOMEM_;
}

static void thief(void)
{
	if (judge_canary())
		kfree(judge_canary());
}

static struct sweep_result *gate(const struct fake_driver *driver)
{
	return sweep_options(
		driver, &(struct sweep_options){.jobs = 1, .baseline_only = true, .canary = true});
}

static void test_clean(void)
{
	const struct sweep_result *r =
		gate(&(struct fake_driver){init_clean, exit_clean, NULL, NULL});

	CU_ASSERT_EQUAL(r->canary, CANARY_FOUND);
	CU_ASSERT_EQUAL(r->finding_count, 0);
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
}

static void test_leaking(void)
{
	const struct sweep_result *r =
		gate(&(struct fake_driver){init_clean, exit_leaks, NULL, NULL});

	CU_ASSERT_EQUAL(r->canary, CANARY_FOUND);
	CU_ASSERT_STRING_EQUAL(summary(r), "leak@");
	CU_ASSERT_EQUAL(r->status, SWEEP_FINDINGS);
}

static void test_failing(void)
{
	const struct sweep_result *r =
		gate(&(struct fake_driver){init_fails, exit_clean, NULL, NULL});

	CU_ASSERT_EQUAL(r->canary, CANARY_FOUND);
	CU_ASSERT_EQUAL(r->finding_count, 0);
}

static void test_missed(void)
{
	const struct sweep_result *r =
		gate(&(struct fake_driver){init_clean, exit_clean, thief, NULL});

	CU_ASSERT_EQUAL(r->canary, CANARY_MISSED);
	CU_ASSERT_EQUAL(r->finding_count, 0);
	CU_ASSERT_EQUAL(r->status, SWEEP_NOT_JUDGED);
	CU_ASSERT_EQUAL(r->not_judged_count, 1);
}

/* Expect: sweeps plant none. */
static void test_not_asked_for(void)
{
	const struct sweep_result *r =
		sweep_driver(&(struct fake_driver){init_clean, exit_clean, NULL, NULL}, 1);

	CU_ASSERT_EQUAL(r->canary, CANARY_NONE);
	CU_ASSERT_EQUAL(r->finding_count, 0);
}

CU_TestInfo canary_tests[] = {
	{"a clean driver", test_clean},	       {"one that leaks", test_leaking},
	{"one that fails", test_failing},      {"taken away", test_missed},
	{"not asked for", test_not_asked_for}, CU_TEST_INFO_NULL,
};
