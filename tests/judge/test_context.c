// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context rules: who may sleep, what an interrupt may call, and that a context comes back as it was.
 */
#include "suites.h"

#include <string.h>
#include "../../harness/trace/depot.h"

DRIVER static int64_t init_sleep(void)
{
	void *p;

	spin_lock();
	p = kmalloc(64, GFP_KERNEL);
	spin_unlock();
	kfree(p);
	STAY();
	return 0;
}

static void test_sleep_in_atomic(void)
{
	const struct finding *f;

	judge_run(init_sleep, "");
	f = the_finding(FINDING_SLEEP_IN_ATOMIC);
	CU_ASSERT(
		says(f, "may sleep, but the context is atomic (preempt_count 0x1, interrupts on"));
	CU_ASSERT(stack_has(&f->stack, "init_sleep"));
}

/* The rule is checked before the request is refused: a refusal hides nothing. */
static void test_order(void)
{
	judge_run(init_sleep, "1");
	CU_ASSERT_EQUAL(the_finding(FINDING_SLEEP_IN_ATOMIC)->has_point, false);
}

DRIVER static int64_t init_atomic(void)
{
	void *p;

	spin_lock();
	p = kmalloc(64, GFP_ATOMIC);
	kfree(p);
	spin_unlock();
	STAY();
	return 0;
}

static void test_atomic_request_is_fine(void)
{
	judge_run(init_atomic, "");
	no_finding();
}

DRIVER static int64_t init_irqs_off(void)
{
	void *p;

	fake_context.irqs_disabled = true;
	p = kmalloc(64, GFP_KERNEL);
	fake_context.irqs_disabled = false;
	kfree(p);
	STAY();
	return 0;
}

DRIVER static int64_t init_rcu(void)
{
	void *p;

	fake_context.rcu_depth++;
	p = kmalloc(64, GFP_KERNEL);
	fake_context.rcu_depth--;
	kfree(p);
	STAY();
	return 0;
}

static void test_other_atomic_contexts(void)
{
	judge_run(init_irqs_off, "");
	CU_ASSERT(says(the_finding(FINDING_SLEEP_IN_ATOMIC), "interrupts off"));
	judge_run(init_rcu, "");
	CU_ASSERT(says(the_finding(FINDING_SLEEP_IN_ATOMIC), "RCU depth 1"));
}

DRIVER static int64_t init_nmi(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	fake_context.preempt_count = 0x110000; /* nmi_enter() */
	kfree(p);
	p = kmalloc(32, GFP_ATOMIC);
	fake_context.preempt_count = 0;
	kfree(p);
	STAY();
	return 0;
}

/* Expect what uses an allocator in an NMI to be told, GFP_ATOMIC and kfree() too; each at its place. */
static void test_nmi(void)
{
	unsigned told = 0;

	judge_run(init_nmi, "");
	for (unsigned i = 0; i < finding_count; i++) {
		CU_ASSERT_EQUAL(findings[i].kind, FINDING_CONTEXT);
		told |= strstr(findings[i].what, "memory is freed in an NMI") ? 1 : 0;
		told |= strstr(findings[i].what, "memory is allocated in an NMI") ? 2 : 0;
	}
	CU_ASSERT_EQUAL(finding_count, 2);
	CU_ASSERT_EQUAL(told, 3);
}

DRIVER static int64_t init_unbalanced(void)
{
	spin_lock();
	STAY();
	return ENOMEM_;
}

static void test_imbalance(void)
{
	judge_run(init_unbalanced, "");
	CU_ASSERT(says(the_finding(FINDING_LOCK_IMBALANCE),
		       "preempt_count 0x0, interrupts on, RCU depth 0 before, preempt_count 0x1"));
}

DRIVER static int64_t init_vfree_locked(void)
{
	void *p = vmalloc(5000);

	spin_lock();
	vfree(p);
	spin_unlock();
	STAY();
	return 0;
}

static void test_vfree_under_a_lock(void)
{
	judge_run(init_vfree_locked, "");
	CU_ASSERT(says(the_finding(FINDING_CONTEXT), "vfree is called in atomic context"));
}

DRIVER static int64_t init_vmalloc_interrupt(void)
{
	void *p;

	fake_context.preempt_count = 0x10000;
	p = vmalloc(5000);
	fake_context.preempt_count = 0;
	vfree(p);
	STAY();
	return 0;
}

static void test_vmalloc_in_an_interrupt(void)
{
	judge_run(init_vmalloc_interrupt, "");
	CU_ASSERT(says(the_finding(FINDING_CONTEXT), "vmalloc is called in an interrupt"));
}

DRIVER static int64_t init_vfree_interrupt(void)
{
	void *p = vmalloc(5000);

	fake_context.preempt_count = 0x10000;
	vfree(p);
	fake_context.preempt_count = 0;
	STAY();
	return 0;
}

/* The kernel puts it off. */
static void test_vfree_in_an_interrupt(void)
{
	judge_run(init_vfree_interrupt, "");
	no_finding();
}

DRIVER static int64_t init_events(void)
{
	const struct target_context c = {.preempt_count = 1};

	judge_warning("WARNING at fake.c:1");
	judge_context("the mutex is not locked");
	judge_sleep_in_atomic("mutex_lock", &c);
	STAY();
	return 0;
}

static void test_events(void)
{
	judge_run(init_events, "");
	CU_ASSERT_EQUAL_FATAL(finding_count, 3);
	CU_ASSERT_EQUAL(findings[0].kind, FINDING_WARNING);
	CU_ASSERT_STRING_EQUAL(findings[0].what, "WARNING at fake.c:1");
	CU_ASSERT_EQUAL(findings[1].kind, FINDING_CONTEXT);
	CU_ASSERT_EQUAL(findings[2].kind, FINDING_SLEEP_IN_ATOMIC);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT(stack_has(&findings[i].stack, "init_events"));
}

DRIVER static int64_t init_unknown(void)
{
	void *p = kmalloc(72, GFP_KERNEL);

	STAY();
	kfree(p);
	return 0;
}

/* Expect: with a full depot a run of new stacks cannot be judged; with room again it can. */
static void test_full_depot(void)
{
	depot_set_limit(depot_bytes() + 8);
	judge_run(init_unknown, "");
	CU_ASSERT_PTR_NOT_NULL(judge_unable());
	depot_set_limit(0);
	judge_run(init_unknown, "");
	CU_ASSERT_PTR_NULL(judge_unable());
}

CU_TestInfo context_tests[] = {
	{"sleep in atomic", test_sleep_in_atomic},
	{"order", test_order},
	{"an atomic request is fine", test_atomic_request_is_fine},
	{"other atomic contexts", test_other_atomic_contexts},
	{"NMI", test_nmi},
	{"imbalance", test_imbalance},
	{"vfree under a lock", test_vfree_under_a_lock},
	{"vmalloc in an interrupt", test_vmalloc_in_an_interrupt},
	{"vfree in an interrupt", test_vfree_in_an_interrupt},
	{"events", test_events},
	{"a full depot", test_full_depot},
	CU_TEST_INFO_NULL,
};
