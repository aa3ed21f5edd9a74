/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by the sources of KUnit (lib/kunit/) and of its suites, so that they run as modules, unmodified, on a
 * kernel that was built without KUnit, as Debian's is. Three things are missing there:
 *
 *   struct task_struct has no `kunit_test`. A macro lets `current->kunit_test` mean `journal_info`: a pointer that
 *   belongs to whoever runs in the task, and that only filesystems use, inside of a transaction.
 *   struct module has no list of suites, and the loader fills none. A suite's module runs its suites in its own
 *   init, as suites did before 6.0 (kunit_test_suites_for_module() of 5.19).
 *   CONFIG_KUNIT. It is defined when the kernel's structures are declared already, with the layout that they have.
 */
#ifndef KFAIL_TESTS_KUNIT_H
#define KFAIL_TESTS_KUNIT_H

#include <linux/module.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>

#define CONFIG_KUNIT_MODULE	     1
#define CONFIG_KUNIT_DEFAULT_ENABLED 1

#include <kunit/test.h>

#ifdef KFAIL_KUNIT_ITSELF

/* Without CONFIG_MODULES, KUnit does not look for suites in struct module. */
#undef CONFIG_MODULES

struct kfail_kunit_task {
	char other[offsetof(struct task_struct, journal_info)];
	struct kunit *kunit_test;
};
#undef current
#define current ((struct kfail_kunit_task *)get_current())

#else

#undef kunit_test_suites
#define kunit_test_suites(...)                                                           \
	static struct kunit_suite *kfail_suites[] = {__VA_ARGS__};                       \
	static int __init kfail_suites_init(void)                                        \
	{                                                                                \
		return __kunit_test_suites_init(kfail_suites, ARRAY_SIZE(kfail_suites)); \
	}                                                                                \
	static void __exit kfail_suites_exit(void)                                       \
	{                                                                                \
		__kunit_test_suites_exit(kfail_suites, ARRAY_SIZE(kfail_suites));        \
	}                                                                                \
	module_init(kfail_suites_init);                                                  \
	module_exit(kfail_suites_exit)
#undef kunit_test_init_section_suites
#define kunit_test_init_section_suites kunit_test_suites

#endif
#endif
