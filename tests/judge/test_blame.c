// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose leftover is it? A call that failed and did not undo its own work is not the driver's fault; one that
 * succeeded before is, and one whose contract says so is, too.
 */
#include "suites.h"

#include <string.h>

DRIVER static int64_t init_sloppy(void)
{
	void *region;
	int err = sloppy_register(&region);

	STAY();
	return err;
}

static void test_callee_fails_and_leaks(void)
{
	const struct finding *f;

	CU_ASSERT_EQUAL(judge_run(init_sloppy, "2"), ENOMEM_);
	f = the_finding(FINDING_LEAK);
	CU_ASSERT_TRUE(f->core);
	CU_ASSERT_STRING_EQUAL(f->reason, "sloppy_register() itself failed and left it behind");
	CU_ASSERT_EQUAL(f->point.n, 2);
	CU_ASSERT_STRING_EQUAL(f->point.api, "kmalloc");
	CU_ASSERT_STRING_EQUAL(f->point.cache, "kmalloc-32");
	CU_ASSERT_STRING_EQUAL(f->point.gfp, "GFP_KERNEL");
}

static void test_callee_cleans_up(void)
{
	judge_run(init_sloppy, "1");
	no_finding();
}

DRIVER static int64_t init_sloppy_loop(void)
{
	void *region[3];

	for (unsigned i = 0; i < times(3); i++) {
		int err = sloppy_register(&region[i]);

		STAY();
		if (err)
			return err;
	}
	return 0;
}

/* The third call's own leftover is the callee's; the two before it succeeded, and the driver forgot them. */
static void test_loop_that_forgets(void)
{
	judge_run(init_sloppy_loop, "6");
	CU_ASSERT_EQUAL_FATAL(finding_count, 2);
	CU_ASSERT_FALSE(findings[0].core);
	CU_ASSERT_EQUAL(findings[0].object_count, 4);
	CU_ASSERT_TRUE(findings[1].core);
	CU_ASSERT_EQUAL(findings[1].object_count, 1);
}

static void test_loop_refused_at_a_first_request(void)
{
	judge_run(init_sloppy_loop, "5");
	CU_ASSERT_EQUAL_FATAL(finding_count, 1);
	CU_ASSERT_FALSE(findings[0].core);
	CU_ASSERT_EQUAL(findings[0].object_count, 4);
}

DRIVER static int64_t init_device(void)
{
	void *device;
	int err = device_register(&device);

	STAY();
	return err;
}

/* device_register(): "if it returned an error, use put_device()". */
static void test_contract_of_device_register(void)
{
	const struct finding *f;

	judge_run(init_device, "2");
	f = the_finding(FINDING_RESOURCE_LEAK);
	CU_ASSERT_FALSE(f->core);
	CU_ASSERT(says(f, "device is left"));
}

DRIVER static int64_t init_two_sites(void)
{
	void *a, *b;
	int err = register_chrdev(&a);

	STAY();
	if (err)
		return err;
	err = sloppy_register(&b);
	STAY();
	return err;
}

static void test_two_sites(void)
{
	judge_run(init_two_sites, "4");
	CU_ASSERT_EQUAL_FATAL(finding_count, 2);
	CU_ASSERT_EQUAL(findings[0].kind, FINDING_RESOURCE_LEAK);
	CU_ASSERT_FALSE(findings[0].core);
	CU_ASSERT_TRUE(findings[1].core);
}

DRIVER static int64_t init_absorbs(void)
{
	void *region;

	sloppy_register(&region);
	STAY();
	return 0;
}

/* Without a failed init there is no failed call to excuse: the driver went on, so it is its own. */
static void test_no_excuse_without_failure(void)
{
	judge_run(init_absorbs, "2");
	CU_ASSERT_FALSE(the_finding(FINDING_LEAK)->core);
}

CU_TestInfo blame_tests[] = {
	{"the callee fails and leaks", test_callee_fails_and_leaks},
	{"the callee cleans up", test_callee_cleans_up},
	{"a loop that forgets", test_loop_that_forgets},
	{"a loop refused at a first request", test_loop_refused_at_a_first_request},
	{"the contract of device_register()", test_contract_of_device_register},
	{"two sites", test_two_sites},
	{"no excuse without failure", test_no_excuse_without_failure},
	CU_TEST_INFO_NULL,
};
