// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making inputs smaller, with oracles that are a few lines: what they need must be left, and
 * nothing else.
 */
#include <stdlib.h>
#include <string.h>
#include "../../fuzz/canary/canary.h"
#include "../../fuzz/triage/minimise.h"
#include "suites.h"

static uint8_t data[FUZZ_INPUT_MAX];
static char text[4096];

static size_t assemble(const char *source)
{
	struct fuzz_syntax wrong;
	size_t size = 0;

	CU_ASSERT_EQUAL_FATAL(canary_target.assemble(source, data, sizeof(data), &size, &wrong), 0);
	return size;
}

static const char *print(size_t size)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	text[0] = 0;
	canary_target.print(data, size, out);
	fclose(out);
	return text;
}

/* Minimise this text with an oracle that may be asked so often; the text that is left. */
static const char *minimised(const char *source, bool (*shows)(const uint8_t *, size_t, void *),
			     unsigned times)
{
	struct fuzz_form form = fuzz_form_of(&canary_target);
	struct fuzz_oracle oracle = {.shows = shows, .left = times};

	return print(fuzz_minimise(&form, data, assemble(source), &oracle));
}

/* Is there such a word in the text of the input? */
static bool has(const uint8_t *input, size_t size, const char *word)
{
	char said[4096] = "";
	FILE *out = fmemopen(said, sizeof(said), "w");

	canary_target.print(input, size, out);
	fclose(out);
	return strstr(said, word);
}

static bool needs_mode_5(const uint8_t *input, size_t size, void *arg)
{
	return has(input, size, "mode is=5");
}

/* Expect: one call of eight, and no refusal. */
static void test_one_call(void)
{
	CU_ASSERT_STRING_EQUAL(minimised("mode is=1\ntake to=3 size=9\ngive of=3\nmode is=5\n"
					 "take to=1 size=7\ngive of=1\nmode is=2\ngive of=0\n"
					 "refuse 1,5x3\n",
					 needs_mode_5, 1000),
			       "mode is=5\n");
}

static bool shows_leak(const uint8_t *input, size_t size, void *arg)
{
	struct fuzz_outcome outcome = {0};
	bool shown;

	canary_target.run(input, size, true, &outcome);
	shown = outcome.count && outcome.findings[0].kind == FINDING_LEAK;
	fuzz_outcome_clear(&outcome);
	return shown;
}

/* Expect: requests before the refused one go, and the refusal moves down with them. */
static void test_schedule_moves(void)
{
	CU_ASSERT_STRING_EQUAL(
		minimised("take to=0 size=16\ngive of=0\ntake to=0 size=16\ngive of=0\n"
			  "take to=7 size=999\nmode is=3\ntake to=6 size=1\ngive of=3\n"
			  "take to=5 size=2\nrefuse 5,9x4\n",
			  shows_leak, 1000),
		"take to=0 size=0\nmode is=3\ntake to=1 size=0\ntake to=2 size=0\nrefuse 3\n");
}

static bool needs_size_1000(const uint8_t *input, size_t size, void *arg)
{
	const char *at;
	char said[4096] = "";
	FILE *out = fmemopen(said, sizeof(said), "w");

	canary_target.print(input, size, out);
	fclose(out);
	at = strstr(said, "size=");
	return at && atoi(at + 5) >= 1000;
}

/* Expect: the boundary itself. */
static void test_number(void)
{
	CU_ASSERT_STRING_EQUAL(minimised("take to=4 size=54321\n", needs_size_1000, 1000),
			       "take to=0 size=1000\n");
}

static bool says_no(const uint8_t *input, size_t size, void *arg)
{
	return false;
}

/* What never shows it, as one that does not repeat, stays as it is. */
static void test_never(void)
{
	static const char source[] = "take to=4 size=54321\nmode is=2\nrefuse 3\n";

	CU_ASSERT_STRING_EQUAL(minimised(source, says_no, 1000), source);
}

/* An oracle that may not be asked any more leaves the best so far. */
static void test_budget(void)
{
	const char *left = minimised("mode is=1\nmode is=2\nmode is=5\nmode is=3\nmode is=4\n",
				     needs_mode_5, 6);

	CU_ASSERT_PTR_NOT_NULL(strstr(left, "mode is=5\n"));
}

static unsigned asked;

static bool counts(const uint8_t *input, size_t size, void *arg)
{
	asked++;
	return has(input, size, "mode is=5");
}

/* Expect: never asked more often than it may be, but for the one that settles it. */
static void test_times(void)
{
	for (unsigned times = 1; times < 40; times++) {
		asked = 0;
		minimised("mode is=1\ntake to=1 size=8\nmode is=5\nmode is=3\nrefuse 2\n", counts,
			  times);
		CU_ASSERT(asked <= times + 1);
	}
}

static bool has_x(const uint8_t *input, size_t size, void *arg)
{
	return size && memchr(input, 'x', size);
}

/* A target without a form: bytes. */
static void test_bytes(void)
{
	struct fuzz_form form = {NULL, 1};
	struct fuzz_oracle oracle = {.shows = has_x, .left = 1000};
	size_t size;

	memcpy(data, "some text with an x in the midst", 32);
	size = fuzz_minimise(&form, data, 32, &oracle);
	CU_ASSERT_EQUAL(size, 1);
	CU_ASSERT_EQUAL(data[0], 'x');
}

/* Cells of 32 bytes with a schedule behind, as drivers have them: {call 7 in the first byte}. */
static bool has_cell_7(const uint8_t *input, size_t size, void *arg)
{
	struct fuzz_program program;

	fuzz_decode(input, size, &program);
	for (unsigned i = 0; i < program.count; i += 4)
		if (program.calls[i * FUZZ_CALL_BYTES] == 7)
			return schedule_refuses(&program.schedule, 1);
	return false;
}

static void test_cells(void)
{
	struct fuzz_form form = {NULL, 32};
	struct fuzz_oracle oracle = {.shows = has_cell_7, .left = 1000};
	struct fuzz_program program;
	size_t size = 4 * 32;

	for (unsigned i = 0; i < size; i++)
		data[i] = (uint8_t)(i + 1);
	data[64] = 7;
	memcpy(data + size, (uint8_t[]){4, 0, 255, 0, 1}, 5); /* refuse 5+ */
	data[size] = 0;					      /* 1+ */
	size = fuzz_minimise(&form, data, size + 5, &oracle);
	fuzz_decode(data, size, &program);
	CU_ASSERT_EQUAL(size, 32 + 5);
	CU_ASSERT_EQUAL(program.schedule.count, 1);
	CU_ASSERT_EQUAL(program.schedule.ranges[0].last, 1);
	CU_ASSERT_EQUAL(data[0], 7);
	for (unsigned i = 1; i < 32; i++)
		CU_ASSERT_EQUAL(data[i], 0);
}

CU_TestInfo minimise_tests[] = {
	{"one call of eight", test_one_call},
	{"the refusal moves with the requests", test_schedule_moves},
	{"numbers become small", test_number},
	{"what never shows it", test_never},
	{"a budget that is used up", test_budget},
	{"how often it is asked", test_times},
	{"bytes", test_bytes},
	{"cells of a driver's calls", test_cells},
	CU_TEST_INFO_NULL,
};
