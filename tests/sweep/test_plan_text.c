// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plans and schedules as text.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/sweep/fresh.h"

static void append_number(uint32_t n, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%u ", n);
}

static void test_fresh_text(void)
{
	char text[64] = "";

	CU_ASSERT_TRUE(fresh_for_each("8x3,12", append_number, text));
	CU_ASSERT_STRING_EQUAL(text, "8 9 10 12 ");
	CU_ASSERT_FALSE(fresh_for_each("8y", append_number, text));
	CU_ASSERT_FALSE(fresh_for_each("0", append_number, text));
	CU_ASSERT_FALSE(fresh_for_each("3x", append_number, text));
}

static void expect_text(struct plan_options options, const char *expected)
{
	char *text = plan_print(&options);

	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void test_plan_print(void)
{
	expect_text((struct plan_options){0}, "");
	expect_text((struct plan_options){.seed = 9, .shards = 2, .shard = 1}, "");
	expect_text((struct plan_options){.modes = PLAN_PERSISTENT | PLAN_PAIRS, .depth = 3},
		    "mode=single,persistent,pairs depth=3");
	expect_text((struct plan_options){.shallow = 25, .seed = 20778, .stacks = STACKS_ALL},
		    "stacks=all shallow=25 seed=20778");
}

CU_TestInfo plan_text_tests[] = {
	{"fresh text", test_fresh_text},
	{"plan text", test_plan_print},
	CU_TEST_INFO_NULL,
};
