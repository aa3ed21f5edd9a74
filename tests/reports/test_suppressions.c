// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suppressions: what an entry covers, what a file must look like, and what is told of entries that cover nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/judge/suppressions.h"
#include "../../harness/trace/util.h"
#include "suites.h"

static int read_text(const char *text, struct suppressions *s, char *err)
{
	char path[] = "/tmp/kfail-suppressions-XXXXXX";
	int fd = mkstemp(path), ret;

	CU_ASSERT_EQUAL_FATAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ret = suppressions_read(path, s, err);
	unlink(path);
	return ret;
}

/* The sample is a leak, allocated in foo_setup() of foo.c, that shows in foo_probe(). */
static bool covers_sample(const char *line)
{
	struct finding finding = sample_finding();
	char err[SUPPRESSIONS_ERR];
	struct suppressions s;
	bool covered;

	CU_ASSERT_EQUAL_FATAL(read_text(line, &s, err), 0);
	covered = suppressions_find(&s, &finding);
	suppressions_clear(&s);
	finding_clear(&finding);
	return covered;
}

static void test_templates(void)
{
	CU_ASSERT_TRUE(covers_sample("leak:foo_setup"));
	CU_ASSERT_TRUE(covers_sample("leak:oo_se"));
	CU_ASSERT_TRUE(covers_sample("leak:^foo_setup$"));
	CU_ASSERT_TRUE(covers_sample("leak:f*p$\n"));
	CU_ASSERT_TRUE(covers_sample("leak:foo_probe"));
	CU_ASSERT_TRUE(covers_sample("leak:foo.c"));
	CU_ASSERT_TRUE(covers_sample("leak:^foo$\n"));
	CU_ASSERT_FALSE(covers_sample("leak:^oo_setup"));
	CU_ASSERT_FALSE(covers_sample("leak:foo_setu$"));
	CU_ASSERT_FALSE(covers_sample("leak:foo_setu?"));
	CU_ASSERT_FALSE(covers_sample("leak:[f]oo_setup"));
	/* Who freed it, and the refused request, do not count. */
	CU_ASSERT_FALSE(covers_sample("leak:foo_reset"));
	CU_ASSERT_FALSE(covers_sample("leak:foo_alloc"));
}

static void test_kinds(void)
{
	struct finding finding = sample_finding();
	char err[SUPPRESSIONS_ERR];
	struct suppressions s;

	CU_ASSERT_FALSE(covers_sample("double-free:foo_setup"));
	CU_ASSERT_FALSE(covers_sample("resource-leak:foo_setup"));
	CU_ASSERT_EQUAL_FATAL(read_text("leak:foo_setup", &s, err), 0);
	finding.kind = FINDING_RESOURCE_LEAK;
	CU_ASSERT_PTR_NOT_NULL(suppressions_find(&s, &finding));
	finding.kind = FINDING_DOUBLE_FREE;
	CU_ASSERT_PTR_NULL(suppressions_find(&s, &finding));
	suppressions_clear(&s);
	finding_clear(&finding);
}

/* Expect: one sentence with the line, and nothing is suppressed. */
static void test_refused(void)
{
	static const struct {
		const char *text, *word;
	} bad[] = {
		{"leak:foo\nfoo_setup\n", "line 2: \"foo_setup\" has no type"},
		{"race:foo\n", "\"race\" is no kind of finding"},
		{"leak:\n", "would match everything"},
		{"leak:*\n", "would match everything"},
		{"leak:^$\n", "would match everything"},
	};
	char err[SUPPRESSIONS_ERR];
	struct suppressions s;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(read_text(bad[i].text, &s, err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, bad[i].word));
		CU_ASSERT_EQUAL(s.count, 0);
	}
	CU_ASSERT_EQUAL(suppressions_read("/nowhere", &s, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "/nowhere cannot be read"));
}

/* Expect: the finding stays, with the entry that covers it; the one that covers nothing is stale. */
static void test_apply(void)
{
	struct sweep_result result = {.status = SWEEP_FINDINGS, .finding_count = 1};
	char err[SUPPRESSIONS_ERR];
	struct suppressions s;

	result.findings = xcalloc(1, sizeof(*result.findings));
	result.findings[0] = sample_finding();
	CU_ASSERT_EQUAL_FATAL(read_text("# two\nleak:^foo_setup$\nleak:gone\n", &s, err), 0);
	suppressions_apply(&s, &result, true);
	CU_ASSERT_EQUAL(result.status, SWEEP_CLEAN);
	CU_ASSERT_PTR_NOT_NULL(strstr(result.findings[0].accepted, "leak:^foo_setup$ ("));
	CU_ASSERT_PTR_NOT_NULL(strstr(result.findings[0].accepted, "line 2)"));
	CU_ASSERT_EQUAL_FATAL(result.stale_count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(result.stale[0], "line 3: leak:gone suppresses nothing"));
	suppressions_clear(&s);
	sweep_result_clear(&result);
}

CU_TestInfo suppression_tests[] = {
	{"templates", test_templates},
	{"kinds", test_kinds},
	{"files that are refused", test_refused},
	{"applied", test_apply},
	CU_TEST_INFO_NULL,
};
