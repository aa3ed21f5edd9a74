// SPDX-License-Identifier: GPL-2.0-only
/*
 * Schedules: text in, canonical text out, and the points between.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/inject.h"

static void check_canonical(const char *text, const char *canonical)
{
	char buf[SCHEDULE_TEXT_MAX], err[256] = "";
	struct schedule schedule;

	CU_ASSERT_EQUAL(schedule_parse(text, &schedule, err), 0);
	CU_ASSERT_STRING_EQUAL(err, "");
	CU_ASSERT_STRING_EQUAL(schedule_print(&schedule, buf, sizeof(buf)), canonical);
}

static void test_canonical(void)
{
	check_canonical("", "");
	check_canonical("7", "7");
	check_canonical("007", "7");
	check_canonical("7+", "7+");
	check_canonical("3,9", "3,9");
	check_canonical("9,3", "3,9");
	check_canonical("7x4", "7x4");
	check_canonical("7x1", "7");
	check_canonical("3,4,5", "3x3");
	check_canonical("3,3,3", "3");
	check_canonical("3x4,5x9", "3x11");
	check_canonical("20+,3,7x4", "3,7x4,20+");
	check_canonical("5+,7", "5+");
	check_canonical("5+,3+", "3+");
	check_canonical("4,5+", "4+");
	check_canonical("4294967294", "4294967294");
	check_canonical("1x4294967294", "1x4294967294");
}

/* Canonical text is its own canonical text. */
static void test_canonical_is_stable(void)
{
	static const char *const texts[] = {"1,3,5x2,9+", "2x3", "1+", "1,3,5,7,9,11,13,15"};
	char once[SCHEDULE_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct schedule schedule;
		char err[256];

		CU_ASSERT_EQUAL(schedule_parse(texts[i], &schedule, err), 0);
		schedule_print(&schedule, once, sizeof(once));
		check_canonical(once, once);
	}
}

static void test_points(void)
{
	struct schedule schedule;
	char err[256];

	CU_ASSERT_EQUAL(schedule_parse("3,7x4,20+", &schedule, err), 0);
	for (uint32_t n = 1; n < 40; n++)
		CU_ASSERT_EQUAL(schedule_refuses(&schedule, n),
				n == 3 || (n >= 7 && n <= 10) || n >= 20);
	CU_ASSERT_TRUE(schedule_refuses(&schedule, UINT32_MAX));
	CU_ASSERT_EQUAL(schedule_parse("", &schedule, err), 0);
	CU_ASSERT_FALSE(schedule_refuses(&schedule, 1));
}

static void test_nonsense(void)
{
	static const char *const texts[] = {
		" ",	"0",   "-1",   "+",	     "x",	    ",",
		"7,",	",7",  "7,,9", "7-9",	     "7 9",	    "7x",
		"7x0",	"7x+", "7++",  "7+x2",	     "a",	    "7a",
		"0x10", "7;8", "1e3",  "4294967295", "99999999999", "7x4294967294",
		"3,0",	"7\n", "\xff", "1.5",	     "7x4x2",	    "18446744073709551617",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct schedule schedule;
		char err[256] = "";

		CU_ASSERT_EQUAL(schedule_parse(texts[i], &schedule, err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, "schedule \""));
		CU_ASSERT_PTR_NOT_NULL(strstr(err, "at character "));
	}
}

static void test_sentence_names_the_place(void)
{
	struct schedule schedule;
	char err[256];

	schedule_parse("3,x", &schedule, err);
	CU_ASSERT_STRING_EQUAL(
		err, "schedule \"3,x\": expected the number of a point, from 1, at character 3");
	schedule_parse("7x4294967294", &schedule, err);
	CU_ASSERT_STRING_EQUAL(err, "schedule \"7x4294967294\": too many points at character 3");
}

static void test_too_many_items(void)
{
	char text[512] = "", err[256], canonical[SCHEDULE_TEXT_MAX];
	struct schedule schedule;

	for (unsigned i = 0; i < SCHEDULE_RANGES; i++)
		sprintf(text + strlen(text), "%s%u", i ? "," : "", 2 * i + 1);
	CU_ASSERT_EQUAL(schedule_parse(text, &schedule, err), 0);
	CU_ASSERT_STRING_EQUAL(schedule_print(&schedule, canonical, sizeof(canonical)), text);
	strcat(text, ",99");
	CU_ASSERT_EQUAL(schedule_parse(text, &schedule, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "more than 32 items"));
}

/* Whatever bytes come: no crash, and what is accepted is canonical. */
static void test_random_text(void)
{
	static const char alphabet[] = "0123456789+x,, 1247";

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		char text[24], canonical[SCHEDULE_TEXT_MAX], again[SCHEDULE_TEXT_MAX], err[256];
		struct schedule schedule, back;
		unsigned length = (unsigned)rand() % sizeof(text);

		for (unsigned i = 0; i < length; i++)
			text[i] = alphabet[(unsigned)rand() % (sizeof(alphabet) - 1)];
		text[length] = '\0';
		if (schedule_parse(text, &schedule, err))
			continue;
		schedule_print(&schedule, canonical, sizeof(canonical));
		CU_ASSERT_EQUAL_FATAL(schedule_parse(canonical, &back, err), 0);
		CU_ASSERT_STRING_EQUAL(schedule_print(&back, again, sizeof(again)), canonical);
		for (uint32_t n = 1; n < 64; n++)
			CU_ASSERT_EQUAL(schedule_refuses(&schedule, n), schedule_refuses(&back, n));
	}
}

static void test_short_buffer(void)
{
	struct schedule schedule;
	char err[256], buf[8];

	CU_ASSERT_EQUAL(schedule_parse("100,200,300,400", &schedule, err), 0);
	schedule_print(&schedule, buf, sizeof(buf));
	CU_ASSERT_STRING_EQUAL(buf, "100,200");
}

CU_TestInfo schedule_tests[] = {
	{"canonical text", test_canonical},
	{"canonical text is stable", test_canonical_is_stable},
	{"points", test_points},
	{"nonsense", test_nonsense},
	{"the sentence names the place", test_sentence_names_the_place},
	{"too many items", test_too_many_items},
	{"random text", test_random_text},
	{"short buffer", test_short_buffer},
	CU_TEST_INFO_NULL,
};
