// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules about contexts and locks: each broken one is found, under its kind, and named; what is
 * allowed is not.
 */
#include "native_test.h"

#include <string.h>

#define NOTHING FINDING_NR_KINDS

static const struct {
	const char *how;
	enum finding_kind kind;
	const char *what;
} rules[] = {
	{"sleep-kmalloc", FINDING_SLEEP_IN_ATOMIC, "preempt_count 0x1"},
	{"sleep-mutex", FINDING_SLEEP_IN_ATOMIC, "mutex_lock"},
	{"sleep-msleep", FINDING_SLEEP_IN_ATOMIC, "msleep"},
	{"sleep-vmalloc", FINDING_SLEEP_IN_ATOMIC, "vmalloc"},
	{"sleep-vfree-null", FINDING_SLEEP_IN_ATOMIC, "vfree"},
	{"sleep-copy", FINDING_SLEEP_IN_ATOMIC, "copy_from_user"},
	{"fine-atomic", NOTHING, ""},
	{"fine-complete", NOTHING, ""},
	{"unlock-free", FINDING_CONTEXT, "spin_unlock(&lock): the lock is not held"},
	{"unlock-mutex", FINDING_CONTEXT, "mutex_unlock(&mutex)"},
	{"enable", FINDING_CONTEXT, "preempt_enable"},
	{"rcu-unlock", FINDING_CONTEXT, "rcu_read_unlock"},
	{"raw-mutex", FINDING_CONTEXT, "mutex_lock(&raw): there is no lock here"},
	{"left-mutex", FINDING_LOCK_IMBALANCE, "init left locked: mutex &mutex"},
	{"left-rwsem", FINDING_LOCK_IMBALANCE, "rwsem &rwsem"},
	{"left-spin", FINDING_LOCK_IMBALANCE, "init left the context unbalanced"},
	{"left-irqs", FINDING_LOCK_IMBALANCE, "interrupts off"},
	{"work-leaks-count", FINDING_CONTEXT, "unbalanced_work"},
	{"interrupt-vmalloc", FINDING_CONTEXT, "in an interrupt"},
	{"fine-interrupt-vfree", NOTHING, ""},
	{"interrupt-vfree-twice", FINDING_DOUBLE_FREE, ""},
	{"rcu-left", FINDING_RESOURCE_LEAK, "RCU callback"},
	{"warn", FINDING_WARNING, "WARNING at " DRIVERS "context.c"},
	{"warn-text", FINDING_WARNING, "number 7"},
	{"refcount", FINDING_WARNING, "addition on 0"},
	{"freed-timer", FINDING_USE_AFTER_FREE, "the timer_list in it, at offset"},
};

static void check(unsigned i)
{
	char param[64];
	const char *const params[] = {param, NULL};
	const struct seen *seen;
	const char *what;

	snprintf(param, sizeof(param), "how=%s", rules[i].how);
	seen = try_driver(
		&(struct trial){.driver = DRIVERS "context.c", .params = params, .body = body_run});
	CU_ASSERT(seen->finished && seen->alive && seen->result == 0);
	if (rules[i].kind == NOTHING) {
		CU_ASSERT_EQUAL(seen->finding_count, 0);
		return;
	}
	what = seen_finding(seen, rules[i].kind);
	CU_ASSERT(what && strstr(what, rules[i].what));
	if (!what || !strstr(what, rules[i].what) || seen->finding_count > 2)
		printf("\n%s: %u findings, kind %d '%s' '%s'\n", rules[i].how, seen->finding_count,
		       seen->findings[0].kind, seen->findings[0].what, seen->findings[1].what);
}

static void check_range(enum finding_kind kind)
{
	for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].kind == kind)
			check(i);
}

static void test_sleeping(void)
{
	check_range(FINDING_SLEEP_IN_ATOMIC);
}

static void test_allowed(void)
{
	check_range(NOTHING);
}

static void test_rules(void)
{
	check_range(FINDING_CONTEXT);
}

static void test_balance(void)
{
	check_range(FINDING_LOCK_IMBALANCE);
}

static void test_warnings(void)
{
	check_range(FINDING_WARNING);
	check_range(FINDING_RESOURCE_LEAK);
}

CU_TestInfo context_tests[] = {
	{"sleeping in atomic context", test_sleeping},
	{"what is allowed there", test_allowed},
	{"broken rules", test_rules},
	{"locks left held", test_balance},
	{"warnings", test_warnings},
	CU_TEST_INFO_NULL,
};
