// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accepted findings, and the annotations that show them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/judge/accepted.h"
#include "../../harness/trace/util.h"
#include "suites.h"

#define SAMPLE "e792ddf7b9947088"

static int read_text(const char *text, struct accepted *accepted, char *err)
{
	char path[] = "/tmp/kfail-accepted-XXXXXX";
	int fd = mkstemp(path), ret;

	CU_ASSERT_EQUAL_FATAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ret = accepted_read(path, accepted, err);
	unlink(path);
	return ret;
}

static void test_read(void)
{
	struct finding finding = {.id = SAMPLE}, another = {.id = "0000000000000000"};
	struct accepted accepted;
	char err[ACCEPTED_ERR];

	CU_ASSERT_EQUAL_FATAL(read_text("# comment\n\n  \t\nfoo-bar " SAMPLE
					"\t2024-02-29   two words \r\n"
					"other " SAMPLE " 2024-02-28 x",
					&accepted, err),
			      0);
	CU_ASSERT_EQUAL(accepted.count, 2);
	CU_ASSERT_STRING_EQUAL(accepted.entries[0].reason, "two words");
	CU_ASSERT_EQUAL(accepted.entries[0].line, 4);
	/* Its last day is a day on which it holds; dashes and underscores are the same in a module's name. */
	CU_ASSERT_PTR_NOT_NULL(accepted_find(&accepted, "foo_bar", &finding, "2024-02-29"));
	CU_ASSERT_PTR_NULL(accepted_find(&accepted, "foo_bar", &finding, "2024-03-01"));
	CU_ASSERT_PTR_NULL(accepted_find(&accepted, "foo", &finding, "2024-01-01"));
	CU_ASSERT_PTR_NULL(accepted_find(&accepted, "foo_bar", &another, "2024-01-01"));
	/* The id of a bug accepts whatever shows it. */
	strcpy(another.group, SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(accepted_find(&accepted, "foo_bar", &another, "2024-01-01"));
	accepted_clear(&accepted);
}

/* Expect: one sentence with the line, and nothing is accepted. */
static void test_refused(void)
{
	static const struct {
		const char *text, *word;
	} bad[] = {
		{"foo\n", "line 1"},
		{"foo 123 2027-01-01 why\n", "\"123\" is no finding's id"},
		{"foo " SAMPLE " tomorrow why\n", "\"tomorrow\" is no day"},
		{"foo " SAMPLE " 2027-02-29 why\n", "\"2027-02-29\" is no day"},
		{"foo " SAMPLE " 2027-2-01x why\n", "is no day"},
		{"\nfoo " SAMPLE " 2027-02-28  \n",
		 "line 2: finding " SAMPLE " is accepted without"},
		{"foo " SAMPLE " 2027-02-28 a\nfoo " SAMPLE " 2027-02-27 b\n", "on line 1 already"},
	};
	struct accepted accepted;
	char err[ACCEPTED_ERR];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(read_text(bad[i].text, &accepted, err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, bad[i].word));
		CU_ASSERT_EQUAL(accepted.count, 0);
	}
	CU_ASSERT_EQUAL(accepted_read("/nonexistent/file", &accepted, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "/nonexistent/file"));
	CU_ASSERT_EQUAL(accepted_read("/tmp", &accepted, err), -1);
}

static struct sweep_result one_finding(unsigned not_judged)
{
	struct sweep_result result = sample_result();

	/* The leak and the kernel's own issue stay. */
	finding_clear(&result.findings[1]);
	result.findings[1] = result.findings[2];
	result.finding_count = 2;
	for (unsigned i = not_judged; i < result.not_judged_count; i++)
		not_judged_clear(&result.not_judged[i]);
	result.not_judged_count = not_judged;
	return result;
}

/* Expect: the verdict is that of the rest. */
static void test_status(void)
{
	static const struct {
		const char *today;
		unsigned not_judged, stale;
		enum sweep_status status;
	} cases[] = {
		{"2026-12-31", 0, 0, SWEEP_CLEAN},
		{"2026-12-31", 1, 0, SWEEP_NOT_JUDGED},
		{"2027-01-02", 0, 1, SWEEP_FINDINGS},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sweep_result result = one_finding(cases[i].not_judged);
		struct accepted accepted;
		char err[ACCEPTED_ERR];

		CU_ASSERT_EQUAL_FATAL(
			read_text("foo " SAMPLE " 2027-01-01 known\n", &accepted, err), 0);
		accepted_apply(&accepted, &result, cases[i].today, true);
		CU_ASSERT_EQUAL(result.status, cases[i].status);
		CU_ASSERT_EQUAL(result.stale_count, cases[i].stale);
		CU_ASSERT_EQUAL(!result.findings[0].accepted, cases[i].stale != 0);
		accepted_clear(&accepted);
		sweep_result_clear(&result);
	}
}

/* Expect: an entry that matches nothing is told for its own module only, and only when all was swept. */
static void test_stale(void)
{
	for (int whole = 0; whole < 2; whole++) {
		struct sweep_result result = one_finding(0);
		struct accepted accepted;
		char err[ACCEPTED_ERR];

		CU_ASSERT_EQUAL_FATAL(read_text("foo 0000000000000001 2027-01-01 gone\n"
						"bar 0000000000000002 2027-01-01 other\n"
						"bar 0000000000000003 2025-01-01 other\n",
						&accepted, err),
				      0);
		accepted_apply(&accepted, &result, "2026-06-01", whole);
		CU_ASSERT_EQUAL(result.status, SWEEP_FINDINGS);
		CU_ASSERT_EQUAL(result.stale_count, (unsigned)whole);
		if (whole)
			CU_ASSERT_PTR_NOT_NULL(
				strstr(result.stale[0], "line 1: finding 0000000000000001"));
		accepted_clear(&accepted);
		sweep_result_clear(&result);
	}
}

CU_TestInfo accepted_tests[] = {
	{"a file", test_read},
	{"bad files", test_refused},
	{"the verdict of the rest", test_status},
	{"entries that no longer hold", test_stale},
	CU_TEST_INFO_NULL,
};

static char *annotated(const struct sweep_result *result)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_annotations(out, result, &sample_about);
	fclose(out);
	return text;
}

/* Expect: a line each for two findings and two reasons; the kernel's own issue is none of the driver's. */
static void test_lines(void)
{
	struct sweep_result result = sample_result();
	char *text = annotated(&result);

	CU_ASSERT_EQUAL(
		strncmp(text, "::error file=foo.c,line=140,title=foo%3A leak::1 object", 55), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
				      "%0AReplay: kfail replay --schedule 7 foo.ko\n::error "
				      "title=foo%3A bug::BUG() at foo.c:3\n"
				      "::error title=foo%3A not judged::schedule 9: reached"));
	CU_ASSERT_PTR_NULL(strstr(text, "dentry"));
	free(text);
	sweep_result_clear(&result);
}

/* Expect: every line begins a command, whatever the names hold. */
static void test_wild_lines(void)
{
	struct sweep_result result = wild_result();
	char *text = annotated(&result);
	unsigned notices = 0, count = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		CU_ASSERT_EQUAL(strncmp(line, "::", 2), 0);
		notices += !strncmp(line, "::notice ", 9);
		count++;
	}
	CU_ASSERT_EQUAL(notices, 4);
	/* Findings without 5 of the kernel's, 2 reasons, 1 stale entry. */
	CU_ASSERT_EQUAL(count, FINDING_NR_KINDS - 5 + 2 + 1);
	free(text);
	sweep_result_clear(&result);
}

CU_TestInfo annotation_tests[] = {
	{"a line each", test_lines},
	{"odd characters", test_wild_lines},
	CU_TEST_INFO_NULL,
};
