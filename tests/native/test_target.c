// SPDX-License-Identifier: GPL-2.0-only
/*
 * The target itself: runs start from the same bytes, its questions are answered, a child makes its
 * memory its own.
 */
#include "native_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../allocator/core/objects.h"
#include "../../harness/native/runtime.h"
#include "../../harness/trace/depot.h"

static const char driver[] = DRIVERS "target.c";

static const struct seen *try_body(void (*body)(const struct target *, struct seen *))
{
	const struct seen *seen = try_driver(&(struct trial){.driver = driver, .body = body});

	CU_ASSERT(seen->finished && !seen->prepared);
	return seen;
}

/* ---- the same in every run ---- */

static bool run_once(const struct target *target, struct seen *seen)
{
	struct death death;
	int64_t result;

	return target->call(TARGET_INIT, &seen->result, &death, 1000) && !seen->result &&
	       target->call(TARGET_EXIT, &result, &death, 1000) &&
	       target->call(TARGET_SETTLE, &result, &death, 1000) && !result;
}

static void body_repeat(const struct target *target, struct seen *seen)
{
	char first[sizeof(seen->log)];

	for (unsigned i = 0; i < 300; i++) {
		target->restore();
		seen->log[0] = '\0';
		seen->numbers[0] += run_once(target, seen);
		if (!i)
			memcpy(first, seen->log, sizeof(first));
		seen->numbers[1] += !strcmp(first, seen->log);
	}
}

static void test_repeat(void)
{
	const struct seen *seen = try_body(body_repeat);

	CU_ASSERT_EQUAL(seen->numbers[0], 300);
	CU_ASSERT_EQUAL(seen->numbers[1], 300);
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, "loaded 1\nno newline\n"));
}

/* Reloading puts the module back, and nothing else: the second init finds the first one's objects
 * in its way. */
static void body_reload(const struct target *target, struct seen *seen)
{
	struct death death;
	int64_t result;

	target->restore();
	run_once(target, seen);
	target->call(TARGET_RELOAD, &result, &death, 1000);
	seen->numbers[0] = kf_sequence();
	seen->log[0] = '\0';
	seen->alive = run_once(target, seen);
}

static void test_reload(void)
{
	const struct seen *seen = try_body(body_reload);

	CU_ASSERT(seen->alive && seen->numbers[0] > 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, "loaded 1\n"));
}

/* ---- questions ---- */

static const struct target *asked;
static struct seen *answers;

/* Asked inside a hook of the first allocation. */
static u32 on_allocated(const struct kf_object *object)
{
	struct caller caller = asked->caller();
	const uint64_t *pcs;
	unsigned n = depot_get(caller.stack, &pcs);

	if (answers->numbers[7]++)
		return 0;
	answers->numbers[0] = caller.on_behalf;
	answers->numbers[1] = n;
	answers->numbers[2] = n && !asked->in_module(pcs[0]);	 /* kmalloc */
	answers->numbers[3] = n > 1 && asked->in_module(pcs[1]); /* target_init */
	answers->numbers[4] = n > 1 && !strcmp(asked->module_of(pcs[1]), "target");
	return 0;
}

static void body_questions(const struct target *target, struct seen *seen)
{
	struct target_context context;
	struct caller nobody;
	struct death death;

	asked = target;
	answers = seen;
	target->restore();
	kf_hooks.allocated = on_allocated;
	target->call(TARGET_INIT, &seen->result, &death, 1000);
	kf_hooks.allocated = NULL;
	target->context(&context);
	nobody = target->caller();
	seen->numbers[5] = !nobody.on_behalf && !nobody.stack && !target->in_module(1) &&
			   !target->module_of((uint64_t)body_questions);
	seen->numbers[6] = !context.preempt_count && !context.irqs_disabled && !context.rcu_depth &&
			   !strcmp(target->module, "target") && !strcmp(target->kernel, "native");
}

static void test_questions(void)
{
	const struct seen *seen = try_body(body_questions);

	CU_ASSERT_EQUAL(seen->result, 0);
	CU_ASSERT_EQUAL(seen->numbers[0], 1);
	CU_ASSERT_EQUAL(seen->numbers[1], 2);
	for (unsigned i = 2; i < 7; i++)
		CU_ASSERT_EQUAL(seen->numbers[i], 1);
}

/* ---- what stays registered ---- */

static void note_place(uint64_t where, uint64_t value, const char *place, void *arg)
{
	struct seen *seen = arg;
	size_t n = strlen(seen->err);

	seen->numbers[0]++;
	snprintf(seen->err + n, sizeof(seen->err) - n, "%s;", place);
}

static void body_dangling(const struct target *target, struct seen *seen)
{
	target->restore();
	run_once(target, seen);
	target->dangling(note_place, seen);
}

static void test_dangling(void)
{
	const struct seen *seen = try_body(body_dangling);

	CU_ASSERT_EQUAL(seen->numbers[0], 0);
	seen = try_driver(&(struct trial){.driver = driver,
					  .params = (const char *const[]){"leave=1", NULL},
					  .body = body_dangling});
	CU_ASSERT_EQUAL(seen->numbers[0], 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->err, "a pending timer that calls on_timer"));
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->err, "chrdev region \"target\", still registered"));
}

/* ---- workers ---- */

/* Parent and child run at the same time, each in memory of its own; and the child's clock ticks. */
static void body_adopt(const struct target *target, struct seen *seen)
{
	pid_t pid;

	target->restore();
	run_once(target, seen);
	pid = fork();
	if (!pid && target->adopt())
		_exit(1);
	for (unsigned i = 0; i < 2000; i++) {
		target->restore();
		seen->log[0] = '\0';
		if (!run_once(target, seen))
			break;
		seen->numbers[pid ? 0 : 1]++;
	}
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void test_adopt(void)
{
	const struct seen *seen = try_body(body_adopt);

	CU_ASSERT_EQUAL(seen->numbers[0], 2000);
	CU_ASSERT_EQUAL(seen->numbers[1], 2000);
}

/* A death, then the next run: the world is as new after a restore. */
static void body_revive(const struct target *target, struct seen *seen)
{
	for (unsigned i = 0; i < 20; i++) {
		target->restore();
		seen->numbers[0] += !target->call(TARGET_INIT, &seen->result, &seen->death, 1000);
		seen->numbers[1] += seen->death.kind == DEATH_NULL_DEREFERENCE;
	}
}

static void test_revive(void)
{
	const struct seen *seen =
		try_driver(&(struct trial){.driver = DRIVERS "death.c",
					   .cflags = "-w",
					   .params = (const char *const[]){"how=null-write", NULL},
					   .body = body_revive});

	CU_ASSERT_EQUAL(seen->numbers[0], 20);
	CU_ASSERT_EQUAL(seen->numbers[1], 20);
}

CU_TestInfo target_tests[] = {
	{"all runs are the same", test_repeat},
	{"reload", test_reload},
	{"stack, context, on whose behalf", test_questions},
	{"what stays registered", test_dangling},
	{"a forked worker", test_adopt},
	{"restored after a death", test_revive},
	CU_TEST_INFO_NULL,
};
