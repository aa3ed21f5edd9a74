// SPDX-License-Identifier: GPL-2.0-only
/*
 * One driver per question that a run is asked: each mishandles one refusal in one way.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>

static DRIVER_DATA void *first = NULL;
static DRIVER_DATA void *second = NULL;
static DRIVER_DATA void *third = NULL;
static DRIVER_DATA int flag = 0;

/* ---- a driver without a fault ---- */

DRIVER static int64_t good_init(void)
{
	first = kzalloc(96, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = vmalloc(20000);
	if (!second)
		goto free_first;
	third = alloc_pages(GFP_KERNEL, 1);
	if (!third)
		goto free_second;
	STAY();
	return 0;

free_second:
	vfree(second);
free_first:
	kfree(first);
	STAY();
	return ENOMEM_;
}

DRIVER static void good_exit(void)
{
	__free_pages(third, 1);
	vfree(second);
	kfree(first);
	STAY();
}

static void test_good(void)
{
	static const struct fake_driver driver = {good_init, good_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL(r->baseline.result, 0);
	CU_ASSERT_EQUAL(r->baseline.points, 3);
	CU_ASSERT_EQUAL(r->points, 3);
	CU_ASSERT_EQUAL(r->injected, 3);
	CU_ASSERT_EQUAL(r->clean, 3);
	CU_ASSERT_EQUAL(r->absorbed, 0);
	CU_ASSERT_EQUAL(r->not_judged_count, 0);
	CU_ASSERT_STRING_EQUAL(r->kernel, "6.1.0-test");
	CU_ASSERT_STRING_EQUAL(r->module, "fake");
	CU_ASSERT_STRING_EQUAL(r->scenario, "init-exit");
}

/* ---- leaks ---- */

DRIVER static int64_t leaky_init(void)
{
	first = kzalloc(96, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(2000, GFP_KERNEL);
	STAY();
	return second ? 0 : ENOMEM_; /* first is lost */
}

DRIVER static void leaky_exit(void)
{
	kfree(second);
	kfree(first);
	STAY();
}

static void test_leak(void)
{
	static const struct fake_driver driver = {leaky_init, leaky_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);
	const struct finding *f;

	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2");
	CU_ASSERT_EQUAL(r->status, SWEEP_FINDINGS);
	CU_ASSERT_EQUAL(r->injected, 2);
	CU_ASSERT_EQUAL(r->clean, 1);
	f = &r->findings[0];
	CU_ASSERT_EQUAL(f->point.n, 2);
	CU_ASSERT_STRING_EQUAL(f->point.api, "kmalloc");
	CU_ASSERT_EQUAL(f->point.size, 2000);
	CU_ASSERT_STRING_EQUAL(f->point.cache, "kmalloc-2k");
	CU_ASSERT_STRING_EQUAL(f->point.gfp, "GFP_KERNEL");
	CU_ASSERT_STRING_EQUAL(f->replay, "kfail replay --schedule 2");
	CU_ASSERT_PTR_NOT_NULL(strstr(f->what, "after the failed init"));
	CU_ASSERT_EQUAL(f->objects[0].size, 96);
}

DRIVER static void forgetful_exit(void)
{
	kfree(second);
	STAY();
}

/* It leaks without any refusal, too: told once, with an empty schedule, and not for each point. */
static void test_leak_in_the_baseline(void)
{
	static const struct fake_driver driver = {good_init, forgetful_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT(r->finding_count >= 2);
	for (unsigned i = 0; i < r->finding_count; i++) {
		CU_ASSERT_STRING_EQUAL(r->findings[i].schedule, "");
		CU_ASSERT_FALSE(r->findings[i].has_point);
	}
	CU_ASSERT_STRING_EQUAL(r->findings[0].replay, "kfail replay --schedule ''");
}

/* ---- deaths ---- */

DRIVER static int64_t null_init(void)
{
	first = kzalloc(96, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(64, GFP_KERNEL);
	put_byte(second);
	STAY();
	return 0;
}

static void test_null_dereference(void)
{
	static const struct fake_driver driver = {null_init, leaky_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "null-dereference@2");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "in init"));
	CU_ASSERT_EQUAL(r->injected, 2);
	CU_ASSERT_EQUAL(r->clean, 1);
}

DRIVER static int64_t looping_init(void)
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

/* A single refusal is absorbed; refused for good, it never comes back. */
static void test_endless_loop(void)
{
	static const struct fake_driver driver = {looping_init, first_exit, NULL, NULL};
	static const char *const forever[] = {"1+", NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->absorbed, 1);
	r = sweep_schedules(&driver, forever);
	CU_ASSERT_STRING_EQUAL(r->findings[0].replay, "kfail replay --schedule 1+");
}

DRIVER static void crashing_exit(void)
{
	put_byte(second);
	kfree(second);
	kfree(first);
	STAY();
}

DRIVER static int64_t half_init(void)
{
	first = kzalloc(96, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(64, GFP_KERNEL);
	STAY();
	return 0;
}

/* Init absorbs the refusal, and exit dies of it. */
static void test_death_in_exit(void)
{
	static const struct fake_driver driver = {half_init, crashing_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "null-dereference@2");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "in exit"));
}

/* ---- return values ---- */

DRIVER static int64_t positive_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	STAY();
	return first ? 0 : 12;
}

DRIVER static int64_t stray_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	STAY();
	return first ? 0 : -70000;
}

DRIVER static int64_t zero_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(64, GFP_KERNEL);
	if (second)
		return 0;
	kfree(first);
	first = NULL;
	STAY();
	return 0;
}

static void test_wrong_return(void)
{
	static const struct fake_driver positive = {positive_init, first_exit, NULL, NULL};
	static const struct fake_driver stray = {stray_init, first_exit, NULL, NULL};
	static const struct fake_driver zero = {zero_init, leaky_exit, NULL, NULL};

	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&positive, 1)), "wrong-return@1");
	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&stray, 1)), "wrong-return@1");
	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&zero, 1)), "wrong-return@2");
}

DRIVER static int64_t optional_init(void)
{
	first = kmalloc(64, GFP_KERNEL);
	if (!first)
		return ENOMEM_;
	second = kmalloc(4000, GFP_KERNEL);
	if (!second)
		second = kmalloc(400, GFP_KERNEL);
	STAY();
	return 0;
}

DRIVER static int64_t cheap_init(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	second = kmalloc(4000, GFP_KERNEL);
	STAY();
	return 0;
}

/* Doing with less is no fault, and neither is doing without. */
static void test_absorbed(void)
{
	static const struct fake_driver optional = {optional_init, leaky_exit, NULL, NULL};
	static const struct fake_driver cheap = {cheap_init, leaky_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&optional, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->absorbed, 1);
	CU_ASSERT_EQUAL(r->clean, 1);
	r = sweep_driver(&cheap, 1);
	CU_ASSERT_STRING_EQUAL(summary(r), "");
	CU_ASSERT_EQUAL(r->absorbed, 2);
}

/* ---- context ---- */

DRIVER static int64_t locking_init(void)
{
	spin_lock();
	first = kmalloc(64, GFP_ATOMIC);
	if (!first)
		return ENOMEM_;
	spin_unlock();
	STAY();
	return 0;
}

static void test_lock_imbalance(void)
{
	static const struct fake_driver driver = {locking_init, first_exit, NULL, NULL};

	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&driver, 1)), "lock-imbalance@1");
}

/* ---- the second try ---- */

DRIVER static int64_t registering_init(void)
{
	if (fake_registry[0])
		return -16;
	fake_registry[0] = &flag;
	first = kmalloc(64, GFP_KERNEL);
	STAY();
	return first ? 0 : ENOMEM_; /* still registered */
}

DRIVER static void registering_exit(void)
{
	fake_registry[0] = NULL;
	kfree(first);
	STAY();
}

static void test_retry_failed(void)
{
	static const struct fake_driver driver = {registering_init, registering_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "retry-failed@1");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "returned -EBUSY instead of 0"));
}

static void registered(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
		       void *arg)
{
	if (fake_registry[0])
		fn((uint64_t)&fake_registry[0], (uint64_t)fake_registry[0], "the registry", arg);
}

static void test_dangling_pointer(void)
{
	static const struct fake_driver driver = {registering_init, registering_exit, NULL,
						  registered};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "resource-leak@1");
	CU_ASSERT_PTR_NOT_NULL(strstr(r->findings[0].what, "the registry"));
}

DRIVER static int64_t stateful_init(void)
{
	if (flag++)
		return -22;
	first = kmalloc(64, GFP_KERNEL);
	STAY();
	return first ? 0 : ENOMEM_;
}

/* The loader makes the module's data anew: its own state is no reason to fail. */
static void test_retry_starts_from_fresh_data(void)
{
	static const struct fake_driver driver = {stateful_init, first_exit, NULL, NULL};

	CU_ASSERT_STRING_EQUAL(summary(sweep_driver(&driver, 1)), "");
}

/* ---- bursts, exit, core ---- */

static void test_schedules(void)
{
	static const struct fake_driver driver = {leaky_init, leaky_exit, NULL, NULL};
	static const char *const texts[] = {"2", "2+", "1,2", "1", NULL};
	const struct sweep_result *r = sweep_schedules(&driver, texts);

	CU_ASSERT_STRING_EQUAL(summary(r), "leak@2");
	CU_ASSERT_EQUAL(r->findings[0].also, 1);
	CU_ASSERT_EQUAL(r->points, 4);
	CU_ASSERT_EQUAL(r->injected, 4);
	CU_ASSERT_EQUAL(r->clean, 2);
}

DRIVER static void allocating_exit(void)
{
	void *p = kmalloc(32, GFP_KERNEL);

	put_byte(p);
	kfree(p);
	kfree(first);
	STAY();
}

/* Points of exit count after those of init. */
static void test_exit_is_swept(void)
{
	static const struct fake_driver driver = {positive_init, allocating_exit, NULL, NULL};
	static const char *const second_point[] = {"2", NULL};
	const struct sweep_result *r = sweep_schedules(&driver, second_point);

	CU_ASSERT_EQUAL(r->baseline.points, 2);
	CU_ASSERT_STRING_EQUAL(summary(r), "null-dereference@2");
}

static void housekeeping(void)
{
	kernel_housekeeping();
	STAY();
}

/* The kernel's own leftover is listed apart, once, and nobody fails for it. */
static void test_core_issue(void)
{
	static const struct fake_driver driver = {good_init, good_exit, housekeeping, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "core:leak@");
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL(r->clean, 3);
}

static DRIVER_DATA void *registration = NULL;

DRIVER static int64_t sloppy_init(void)
{
	int err = sloppy_register(&registration);

	STAY();
	return err;
}

DRIVER static void sloppy_exit(void)
{
	unregister_chrdev(registration);
	STAY();
}

static void test_callee_that_leaks(void)
{
	static const struct fake_driver driver = {sloppy_init, sloppy_exit, NULL, NULL};
	const struct sweep_result *r = sweep_driver(&driver, 1);

	CU_ASSERT_STRING_EQUAL(summary(r), "core:leak@2");
	CU_ASSERT_EQUAL(r->status, SWEEP_CLEAN);
	CU_ASSERT_EQUAL(r->clean, 2);
}

CU_TestInfo run_tests[] = {
	{"a good driver", test_good},
	{"leak", test_leak},
	{"leak in the baseline", test_leak_in_the_baseline},
	{"NULL dereference", test_null_dereference},
	{"endless loop", test_endless_loop},
	{"death in exit", test_death_in_exit},
	{"wrong return", test_wrong_return},
	{"absorbed", test_absorbed},
	{"lock imbalance", test_lock_imbalance},
	{"retry failed", test_retry_failed},
	{"dangling pointer", test_dangling_pointer},
	{"retry starts from fresh data", test_retry_starts_from_fresh_data},
	{"schedules", test_schedules},
	{"exit is swept", test_exit_is_swept},
	{"core issue", test_core_issue},
	{"a callee that leaks", test_callee_that_leaks},
	CU_TEST_INFO_NULL,
};
