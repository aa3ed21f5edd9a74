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
	check_canonical("bytes=4096", "bytes=4096");
	check_canonical("seed=3,random=0.1", "random=0.1,seed=3");
	check_canonical("random=5", "random=5");
	check_canonical("random=12.50", "random=12.5");
	check_canonical("random=0.0001", "random=0.0001");
	check_canonical("random=100.0000", "random=100");
	check_canonical("seed=18446744073709551615,9,bytes=0,7",
			"7,9,bytes=0,seed=18446744073709551615");
	check_canonical("irq=12", "irq=12");
	check_canonical("irq=every,3", "3,irq=every");
	check_canonical("irq=4294967294,seed=1,9", "9,seed=1,irq=4294967294");
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

/* Expect: about P percent of many points, the same for the same seed, and none before the first that is named. */
static void test_random(void)
{
	struct schedule schedule, other;
	unsigned refused = 0, differ = 0;
	char err[256];
	uint32_t first;

	CU_ASSERT_EQUAL(schedule_parse("random=2.5,seed=7", &schedule, err), 0);
	CU_ASSERT_EQUAL(schedule_parse("random=2.5,seed=8", &other, err), 0);
	for (uint32_t n = 1; n <= 100000; n++) {
		refused += schedule_refuses(&schedule, n);
		differ += schedule_refuses(&schedule, n) != schedule_refuses(&other, n);
	}
	CU_ASSERT(refused > 2300 && refused < 2700);
	CU_ASSERT(differ > 4000);
	first = schedule_first(&schedule, 100000);
	CU_ASSERT_TRUE(first && schedule_refuses(&schedule, first));
	for (uint32_t n = 1; n < first; n++)
		CU_ASSERT_FALSE(schedule_refuses(&schedule, n));
	CU_ASSERT_EQUAL(schedule_first(&schedule, first - 1), 0);
	CU_ASSERT_EQUAL(schedule_parse("random=100", &schedule, err), 0);
	for (uint32_t n = 1; n <= 1000; n++)
		CU_ASSERT_TRUE(schedule_refuses(&schedule, n));
}

static void test_questions(void)
{
	static const struct {
		const char *text;
		bool empty, numbers, chance;
		uint32_t first; /* up to 10 */
	} cases[] = {
		{"", true, false, false, 0},	       {"7", false, true, false, 7},
		{"11", false, true, false, 0},	       {"bytes=5", false, false, false, 0},
		{"7,bytes=5", false, false, false, 7}, {"random=5", false, false, true, 0},
		{"seed=5", false, false, true, 0},     {"9+,3,seed=5", false, false, true, 3},
		{"irq=5", false, false, false, 0},     {"7,irq=every", false, true, false, 7},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schedule s;
		char err[256];

		CU_ASSERT_EQUAL(schedule_parse(cases[i].text, &s, err), 0);
		CU_ASSERT_EQUAL(schedule_is_empty(&s), cases[i].empty);
		CU_ASSERT_EQUAL(schedule_is_numbers(&s), cases[i].numbers);
		CU_ASSERT_EQUAL(schedule_is_chance(&s), cases[i].chance);
		if (!s.random)
			CU_ASSERT_EQUAL(schedule_first(&s, 10), cases[i].first);
	}
}

static void test_nonsense(void)
{
	static const char *const texts[] = {
		" ",
		"0",
		"-1",
		"+",
		"x",
		",",
		"7,",
		",7",
		"7,,9",
		"7-9",
		"7 9",
		"7x",
		"7x0",
		"7x+",
		"7++",
		"7+x2",
		"a",
		"7a",
		"0x10",
		"7;8",
		"1e3",
		"4294967295",
		"99999999999",
		"7x4294967294",
		"bytes=",
		"bytes=-1",
		"bytes=1,bytes=2",
		"bytes=1k",
		"random=",
		"random=0",
		"random=0.00001",
		"random=100.1",
		"random=101",
		"random=1,random=2",
		"random=.5",
		"random=1.",
		"seed=",
		"seed=x",
		"seed=1,seed=1",
		"seeds=1",
		"bytes",
		"bytes=99999999999999999999",
		"random=5%",
		"irq=",
		"irq=0",
		"irq=4294967295",
		"irq=1,irq=2",
		"irq=ever",
		"irq=1x2",
		"3,0",
		"7\n",
		"\xff",
		"1.5",
		"7x4x2",
		"18446744073709551617",
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

/* Expect: points in a row are one item, as a list that another program wrote has them. */
static void test_points_in_a_row(void)
{
	char text[512] = "1", err[256], canonical[SCHEDULE_TEXT_MAX];
	struct schedule schedule;

	for (unsigned i = 2; i <= 2 * SCHEDULE_RANGES; i++)
		sprintf(text + strlen(text), ",%u", i);
	CU_ASSERT_EQUAL(schedule_parse(text, &schedule, err), 0);
	CU_ASSERT_STRING_EQUAL(schedule_print(&schedule, canonical, sizeof(canonical)), "1x64");
	CU_ASSERT_EQUAL(schedule_parse("4294967294,5,6+,7", &schedule, err), 0);
	CU_ASSERT_STRING_EQUAL(schedule_print(&schedule, canonical, sizeof(canonical)), "5+");
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
	{"random=", test_random},
	{"questions", test_questions},
	{"nonsense", test_nonsense},
	{"the sentence names the place", test_sentence_names_the_place},
	{"too many items", test_too_many_items},
	{"points in a row", test_points_in_a_row},
	{"random text", test_random_text},
	{"short buffer", test_short_buffer},
	CU_TEST_INFO_NULL,
};
