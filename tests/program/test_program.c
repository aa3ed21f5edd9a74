// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loaded program (sample.c) on a world that notes its system calls and answers what a test wants.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "../../harness/native/native.h"
#include "suites.h"

#define CALLS_MAX 16

static struct {
	struct target_syscall calls[CALLS_MAX];
	unsigned count;
	int64_t answer;
	bool dies, unbalanced, missing;
	uint32_t preempt_count; /* left behind by a call */
} world;

static bool answer(struct target_syscall *call, int64_t *result, struct death *death,
		   unsigned timeout_ms)
{
	if (world.count < CALLS_MAX)
		world.calls[world.count++] = *call;
	*result = world.answer;
	call->unbalanced = world.unbalanced;
	call->missing = world.missing;
	if (world.dies)
		*death = (struct death){.kind = DEATH_BUG, .what = "it died"};
	return !world.dies;
}

static void context(struct target_context *out)
{
	*out = (struct target_context){.preempt_count = world.count ? world.preempt_count : 0};
}

static const struct target target = {
	.kernel = "fake", .module = "fake", .syscall = answer, .context = context};
static struct program_outcome out;

int open_program(void)
{
	char err[PROGRAM_ERR] = "";

	/* The judges look at objects, so there must be allocators. */
	if (!program_load("tests/scenarios/sample.c", err) && !native_start(err))
		return 0;
	printf("%s\n", err);
	return 1;
}

static unsigned number_of(const char *name)
{
	unsigned i = 0;

	while (i < program_operations() && strcmp(program_operation_name(i), name))
		i++;
	CU_ASSERT_FATAL(i < program_operations());
	return i;
}

static enum program_end run(const char *name)
{
	const struct program_options options = {.timeout_ms = 1000};

	world.count = 0;
	return program_run(&target, &options, PROGRAM_RUN, number_of(name), &out);
}

static void fresh(void)
{
	memset(&world, 0, sizeof(world));
}

static void test_operations(void)
{
	CU_ASSERT_STRING_EQUAL(program_name(), "sample");
	CU_ASSERT_STRING_EQUAL(program_operation_name(0), "data");
	CU_ASSERT_STRING_EQUAL(program_operation_name(1), "heap");
	CU_ASSERT_STRING_EQUAL(program_operation_name(program_operations() - 1), "last");
	CU_ASSERT_TRUE(program_operation_once(number_of("last")));
	CU_ASSERT_FALSE(program_operation_once(0));
	CU_ASSERT_EQUAL(program_operation_errors(number_of("last"))[0], ENOMEM);
	CU_ASSERT_PTR_NULL(program_operation_errors(0));
}

/* What it can change is memory that is named. */
static void test_memory(void)
{
	struct snapshot_region regions[16];
	unsigned n = program_memory(regions, 16);
	char saved[8192];
	bool covered = false;

	fresh();
	CU_ASSERT(n >= 2);
	CU_ASSERT_EQUAL(run("data"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, 600);
	CU_ASSERT_EQUAL(run("data"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, 701);
	for (unsigned i = 1; i < n && !covered; i++) {
		if (!(regions[i].prot & PROT_WRITE) || regions[i].size > sizeof(saved))
			continue;
		memcpy(saved, (void *)regions[i].start, regions[i].size);
		run("data");
		covered = memcmp(saved, (void *)regions[i].start, regions[i].size) != 0;
		memcpy((void *)regions[i].start, saved, regions[i].size);
	}
	CU_ASSERT_TRUE(covered);
	run("data");
	CU_ASSERT_EQUAL(out.result, 802);
}

static void test_heap(void)
{
	fresh();
	CU_ASSERT_EQUAL(run("heap"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, 0);
	CU_ASSERT_EQUAL(world.count, 0);
}

static void test_call(void)
{
	fresh();
	world.answer = 44;
	CU_ASSERT_EQUAL(run("arguments"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, 44);
	CU_ASSERT_EQUAL(world.count, 1);
	CU_ASSERT_EQUAL(world.calls[0].number, SYS_ioctl);
	CU_ASSERT_STRING_EQUAL(world.calls[0].name, "ioctl");
	CU_ASSERT_EQUAL(world.calls[0].args[0], 11);
	CU_ASSERT_EQUAL(world.calls[0].args[1], 22);
	CU_ASSERT_EQUAL(world.calls[0].args[2], 33);
}

static void test_errno(void)
{
	fresh();
	world.answer = -ENOENT;
	CU_ASSERT_EQUAL(run("fails"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, -ENOENT - 1000 * ENOENT);
}

static void test_other_calls(void)
{
	fresh();
	CU_ASSERT_EQUAL(run("others"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(world.count, 4);
	CU_ASSERT_EQUAL(world.calls[0].number, SYS_sendto);
	CU_ASSERT_EQUAL(world.calls[0].args[4], 0);
	CU_ASSERT_EQUAL(world.calls[1].number, SYS_clock_nanosleep);
	CU_ASSERT_EQUAL(world.calls[1].args[0], CLOCK_MONOTONIC);
	CU_ASSERT_EQUAL(world.calls[2].number, SYS_nanosleep);
	CU_ASSERT_EQUAL(world.calls[3].number, 99);
	CU_ASSERT_EQUAL(world.calls[3].args[5], 6);
}

/* The world died inside of a call: the program is left there. */
static void test_death(void)
{
	fresh();
	world.dies = true;
	CU_ASSERT_EQUAL(run("others"), PROGRAM_DIED);
	CU_ASSERT_EQUAL(world.count, 1);
	CU_ASSERT_EQUAL(out.death.kind, DEATH_BUG);
	CU_ASSERT_STRING_EQUAL(out.operation, "send() of operation others");
}

static void test_unbalanced(void)
{
	fresh();
	world.unbalanced = true;
	CU_ASSERT_EQUAL(run("others"), PROGRAM_STOPPED);
	CU_ASSERT_EQUAL(world.count, 1);
	fresh();
	world.preempt_count = 1;
	CU_ASSERT_EQUAL(run("others"), PROGRAM_STOPPED);
	CU_ASSERT_EQUAL(world.count, 1);
}

static void test_missing(void)
{
	fresh();
	world.missing = true;
	CU_ASSERT_EQUAL(run("arguments"), PROGRAM_SKIPPED);
	CU_ASSERT_STRING_EQUAL(out.why, "operation arguments makes the system call ioctl(), which "
					"this world does not have");
}

static void expect_skip(const char *name, const char *words)
{
	fresh();
	CU_ASSERT_EQUAL(run(name), PROGRAM_SKIPPED);
	if (!strstr(out.why, words))
		printf("\n    \"%s\" does not say \"%s\"\n", out.why, words);
	CU_ASSERT_PTR_NOT_NULL(strstr(out.why, words));
}

/* Its own faults are its own, and it can be run again behind them. */
static void test_faults(void)
{
	expect_skip(
		"crashes",
		"the scenario crashed (a bad pointer) in operation crashes: kfail_run_crashes() at "
		"sample.c:");
	expect_skip("skips", "no such thing, says operation skips");
	expect_skip("exits", "calls exit(3) in operation exits");
	expect_skip("frees_wrongly", "a pointer that is not malloc()'s");
	CU_ASSERT_EQUAL(run("heap"), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(out.result, 0);
}

/* Each expect() that fails is told to the judges, and the program goes on. */
static void test_expect(void)
{
	const struct judge_eyes eyes = {.module = "fake", .kernel = "fake", .context = context};
	struct finding *findings;
	unsigned n;

	fresh();
	judge_attach(&eyes);
	judge_begin();
	CU_ASSERT_EQUAL(run("expects"), PROGRAM_RETURNED);
	n = judge_verdict(&findings);
	judge_end();
	CU_ASSERT_EQUAL_FATAL(n, 2);
	CU_ASSERT_EQUAL(findings[0].kind, FINDING_CHECK);
	CU_ASSERT_PTR_NOT_NULL(strstr(findings[0].what, "expect(counter == -1) fails"));
	CU_ASSERT_PTR_NOT_NULL(strstr(findings[0].what, "sample.c:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(findings[1].what, "2 + 2 should be 5: it is 4, not 5"));
	for (unsigned i = 0; i < n; i++)
		finding_clear(&findings[i]);
	free(findings);
}

static void test_parts(void)
{
	const struct program_options options = {.timeout_ms = 1000};

	fresh();
	CU_ASSERT_EQUAL(program_run(&target, &options, PROGRAM_CHECK, 0, &out), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(program_run(&target, &options, PROGRAM_SETUP, 0, &out), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(world.count, 0);
	CU_ASSERT_EQUAL(program_run(&target, &options, PROGRAM_END, 0, &out), PROGRAM_RETURNED);
	CU_ASSERT_EQUAL(world.count, 1);
	CU_ASSERT_EQUAL(world.calls[0].number, SYS_close_range);
	CU_ASSERT_EQUAL(world.calls[0].args[0], 3);
}

CU_TestInfo program_tests[] = {
	{"operations, in their order", test_operations},
	{"its variables are memory that is named", test_memory},
	{"its heap", test_heap},
	{"a system call", test_call},
	{"errno", test_errno},
	{"calls with other numbers", test_other_calls},
	{"the world dies in a call", test_death},
	{"a call comes back unbalanced", test_unbalanced},
	{"a call that the world does not have", test_missing},
	{"its own faults", test_faults},
	{"expect()", test_expect},
	{"parts", test_parts},
	CU_TEST_INFO_NULL,
};
