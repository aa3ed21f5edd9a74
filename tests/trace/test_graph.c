// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of calls, told by hand: its text, what it leaves out, and what was open where it begins.
 */
#include "../../harness/trace/graph.h"
#include "../../harness/trace/symbols.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#define CODE 0x7100000000ull /* nobody's */

static struct trace_task task = {.pid = 1, .comm = "insmod"};

static void now(struct trace_task *out)
{
	*out = task;
}

static void name_functions(void)
{
	static const char names[] = "init\0make\0free\0tick";
	static const struct ksym symbols[] = {
		{CODE, 0, 'T'}, {CODE + 16, 5, 'T'}, {CODE + 32, 10, 'T'}, {CODE + 48, 15, 'T'}};
	static const struct ksym_table table = {symbols, 4, names, CODE, CODE + 64};
	static bool done;

	if (!done)
		symbols_add_table(NULL, &table);
	done = true;
}

static void enter(unsigned function, uint64_t slot)
{
	graph_listener.entered(&(struct fentry_call){
		.function = CODE + 16 * function, .slot = slot, .returns = true});
}

static void leave(unsigned function, uint64_t slot, uint64_t result)
{
	graph_listener.returned(&(struct fentry_call){.function = CODE + 16 * function,
						      .slot = slot,
						      .has_result = true,
						      .result = result});
}

static void begin(unsigned depth)
{
	name_functions();
	graph_want(NULL, depth);
	task.pid = 1;
	graph_begin(now);
}

static void expect(uint64_t from, const char *wanted)
{
	char *text = graph_text(from, graph_position());

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_STRING_EQUAL(text, wanted);
	free(text);
	graph_end();
}

static void test_tree(void)
{
	begin(0);
	enter(0, 0x1000);
	enter(1, 0xf00);
	leave(1, 0xf00, 0x5000);
	enter(2, 0xf00);
	graph_mark("request %u is refused", 2);
	leave(2, 0xf00, 0);
	leave(0, 0x1000, (uint64_t)-12);
	expect(0, "init() {\n"
		  "  make(); /* = 0x5000 */\n"
		  "  free() {\n"
		  "    /* request 2 is refused */\n"
		  "  } /* free = 0 */\n"
		  "} /* init = -ENOMEM */\n");
}

/* An int in a register of 64 bits. */
static void test_errno(void)
{
	begin(0);
	enter(0, 0x1000);
	leave(0, 0x1000, 0xfffffff4);
	expect(0, "init(); /* = -ENOMEM */\n");
}

/* Expect: from the middle on, what is open there comes first. */
static void test_from_the_middle(void)
{
	uint64_t middle;

	begin(0);
	enter(0, 0x1000);
	enter(2, 0xf00);
	leave(2, 0xf00, 0);
	enter(1, 0xf00);
	middle = graph_position();
	graph_mark("here");
	leave(1, 0xf00, 0);
	expect(middle, "init() {\n"
		       "  make() {\n"
		       "    /* here */\n"
		       "  } /* make = 0 */\n");
}

/* Expect: other tasks have stacks of their own, and are told. */
static void test_tasks(void)
{
	begin(0);
	enter(0, 0x9000);
	task = (struct trace_task){.pid = 8, .comm = "kworker"};
	enter(3, 0x21000);
	leave(3, 0x21000, 1);
	task = (struct trace_task){.pid = 1, .comm = "insmod"};
	leave(0, 0x9000, 0);
	expect(0, "init() {\n"
		  "------ insmod-1 => kworker-8 ------\n"
		  "tick(); /* = 0x1 */\n"
		  "------ kworker-8 => insmod-1 ------\n"
		  "} /* init = 0 */\n");
}

/* Expect: a call that never returns does not shift what comes behind it. */
static void test_lost(void)
{
	begin(0);
	enter(0, 0x1000);
	enter(1, 0xf00);
	enter(2, 0xe00);
	enter(3, 0xf80);
	leave(3, 0xf80, 0);
	leave(0, 0x1000, 0);
	expect(0, "init() {\n"
		  "  make() {\n"
		  "    free() {\n"
		  "  tick(); /* = 0 */\n"
		  "} /* init = 0 */\n");
}

/* Expect: a call whose return is not told is closed, without a result, by what comes behind it. */
static void test_untold_returns(void)
{
	begin(0);
	enter(0, 0x1000);
	graph_listener.entered(&(struct fentry_call){.function = CODE + 16, .slot = 0xf00});
	graph_mark("inside");
	graph_listener.entered(&(struct fentry_call){.function = CODE + 32, .slot = 0xf00});
	leave(0, 0x1000, 0);
	expect(0, "init() {\n"
		  "  make() {\n"
		  "    /* inside */\n"
		  "  } /* make */\n"
		  "  free();\n"
		  "} /* init = 0 */\n");
}

static void test_depth(void)
{
	begin(1);
	enter(0, 0x1000);
	CU_ASSERT_FALSE(graph_listener.entered(&(struct fentry_call){.slot = 0xf00}));
	leave(0, 0x1000, 0);
	expect(0, "init(); /* = 0 */\n");
}

/* Expect: of a thousand calls the first and the last, and how many are not there. */
static void test_long(void)
{
	unsigned lines = 0;
	char *text;

	begin(0);
	for (unsigned i = 0; i < 1000; i++) {
		enter(i % 4, 0x1000);
		leave(i % 4, 0x1000, i);
	}
	text = graph_text(0, graph_position());
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (const char *end = text; (end = strchr(end, '\n')); end++)
		lines++;
	CU_ASSERT_EQUAL(lines, 301);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n... 700 lines left out ...\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "tick(); /* = 0x3e7 */\n"));
	free(text);
	graph_end();
}

CU_TestInfo graph_tests[] = {
	{"tree", test_tree},   {"errno", test_errno}, {"from the middle", test_from_the_middle},
	{"tasks", test_tasks}, {"lost", test_lost},   {"untold returns", test_untold_returns},
	{"depth", test_depth}, {"long", test_long},   CU_TEST_INFO_NULL,
};
