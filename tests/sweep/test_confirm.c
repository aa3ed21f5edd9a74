// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second look: what is seen again in a fresh process is confirmed; what is not, is told and marked.
 */
#include "suites.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static DRIVER_DATA void *kept = NULL;
static DRIVER_DATA void *nothing = NULL;

/* The host's memory: no restore puts it back, so the driver behaves differently in a process that has run before. */
static unsigned runs;

DRIVER static int64_t leak_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL), *q = kmalloc(32, GFP_KERNEL);

	STAY();
	if (!p || !q) {
		kfree(q);
		STAY();
		return ENOMEM_;
	}
	kept = p;
	kfree(q);
	STAY();
	return 0;
}

DRIVER static void leak_exit(void)
{
	kfree(kept);
	STAY();
}

static const struct fake_driver leaks = {leak_init, leak_exit, NULL, NULL};

static struct sweep_result *confirmed(const struct fake_driver *driver, bool confirm)
{
	const struct sweep_options options = {.jobs = 1, .timeout_ms = 200, .confirm = confirm};

	return sweep_options(driver, &options);
}

/* Expect: request 2 is refused, and p is forgotten: in a fresh process too. */
static void test_seen_again(void)
{
	const struct finding *f = find(confirmed(&leaks, true), FINDING_LEAK, "2");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_YES);
}

static void test_not_asked_for(void)
{
	const struct finding *f = find(confirmed(&leaks, false), FINDING_LEAK, "2");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_NOT_TRIED);
}

/* Forgets its object only in a process that has run something before. */
DRIVER static int64_t later_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL), *q = kmalloc(32, GFP_KERNEL);

	STAY();
	runs++;
	if (!p || !q) {
		kfree(q);
		if (runs < 3)
			kfree(p);
		STAY();
		return ENOMEM_;
	}
	kept = p;
	kfree(q);
	STAY();
	return 0;
}

static void test_not_seen_again(void)
{
	static const struct fake_driver driver = {later_init, leak_exit, NULL, NULL};
	const struct sweep_result *r;
	const struct finding *f;

	runs = 0;
	r = confirmed(&driver, true);
	f = find(r, FINDING_LEAK, "2");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_NO);
	CU_ASSERT_PTR_NOT_NULL(find(r, FINDING_NONDETERMINISM, "2"));
	CU_ASSERT_EQUAL(r->status, SWEEP_FINDINGS);
}

DRIVER static int64_t crash_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	STAY();
	if (!p)
		put_byte(nothing);
	kfree(p);
	STAY();
	return 0;
}

static void test_crash(void)
{
	static const struct fake_driver driver = {crash_init, NULL, NULL, NULL};
	const struct finding *f = find(confirmed(&driver, true), FINDING_NULL_DEREFERENCE, "1");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_YES);
}

/* Faults, but in the fresh process somebody kills it: that says nothing. */
DRIVER static int64_t shot_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	STAY();
	if (!p && runs)
		put_byte(nothing);
	if (!p)
		raise(SIGKILL);
	runs++;
	kfree(p);
	STAY();
	return 0;
}

static void test_killed(void)
{
	static const struct fake_driver driver = {shot_init, NULL, NULL, NULL};
	const struct sweep_result *r;
	const struct finding *f;

	runs = 0;
	r = confirmed(&driver, true);
	f = find(r, FINDING_NULL_DEREFERENCE, "1");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_NOT_TRIED);
	CU_ASSERT_EQUAL(r->finding_count, 1);
}

DRIVER static int64_t hang_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	while (!p)
		STAY();
	kfree(p);
	STAY();
	return 0;
}

static void test_hang(void)
{
	static const struct fake_driver driver = {hang_init, NULL, NULL, NULL};
	const struct finding *f = find(confirmed(&driver, true), FINDING_HANG, "1");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_YES);
}

/* What needs no refusal is looked at again without one. */
DRIVER static int64_t always_init(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	STAY();
	return p ? 0 : ENOMEM_;
}

DRIVER static void always_exit(void)
{
	STAY();
}

static void test_baseline(void)
{
	static const struct fake_driver driver = {always_init, always_exit, NULL, NULL};
	const struct finding *f = find(confirmed(&driver, true), FINDING_LEAK, "");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->confirmed, CONFIRM_YES);
}

CU_TestInfo confirm_tests[] = {
	{"seen again", test_seen_again},	 {"not asked for", test_not_asked_for},
	{"not seen again", test_not_seen_again}, {"a crash", test_crash},
	{"killed from outside", test_killed},	 {"a hang", test_hang},
	{"without a refusal", test_baseline},	 CU_TEST_INFO_NULL,
};
