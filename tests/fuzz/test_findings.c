// SPDX-License-Identifier: GPL-2.0-only
/*
 * Folders of findings, with the canary: the same finding once, what is damaged is told, two folders
 * become one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../fuzz/canary/canary.h"
#include "../../fuzz/triage/files.h"
#include "../../fuzz/triage/triage.h"
#include "suites.h"

static char folder[64], err[FUZZ_ERR];

static const char *below(const char *name)
{
	static char paths[8][160];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, 160, "%s/%s", folder, name);
	return path;
}

static void begin(void)
{
	strcpy(folder, "/tmp/kfail-findings-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void end(void)
{
	file_remove_tree(folder);
	CU_ASSERT_NOT_EQUAL(access(folder, F_OK), 0);
}

static void put(const char *name, const char *text)
{
	CU_ASSERT_EQUAL(file_write(below(name), text, strlen(text), err), 0);
}

static const char leak[] =
	"mode is=3\ntake to=1 size=5\ntake to=2\nmode is=3\ntake to=3\nrefuse 3\n";

/* The verdict of a text, into the folder `to`. */
static enum triage_verdict verdict(const char *to, const char *text, bool may_be_clean)
{
	char found[160], input[160];
	struct triage triage = {.target = &canary_target, .folder = found, .replay = "replay"};
	struct triage_result result;

	snprintf(found, sizeof(found), "%s", below(to));
	snprintf(input, sizeof(input), "%s", below("input.kfuzz"));
	put("input.kfuzz", text);
	CU_ASSERT_EQUAL_FATAL(triage_input(&triage, input, may_be_clean, &result, err), 0);
	free(result.sentence);
	return result.verdict;
}

static void test_once(void)
{
	struct sweep_result result = {0};

	begin();
	CU_ASSERT_EQUAL(verdict("found", leak, false), TRIAGE_NEW);
	CU_ASSERT_EQUAL(
		verdict("found", "mode is=3\ntake to=4\ntake to=1\ntake to=0\nrefuse 3+\n", false),
		TRIAGE_KNOWN);
	CU_ASSERT_EQUAL(triage_load(below("found"), &result, err), 0);
	CU_ASSERT_EQUAL_FATAL(result.finding_count, 1);
	CU_ASSERT_EQUAL(result.findings[0].kind, FINDING_LEAK);
	CU_ASSERT_EQUAL(result.findings[0].point.n, 3);
	CU_ASSERT_EQUAL(triage_also(below("found"), result.findings[0].id), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(result.findings[0].replay, "replay /"));
	sweep_result_clear(&result);
	end();
}

/* A crash that is clean is not judged; a hang or a seed that is clean is clean. */
static void test_clean(void)
{
	struct sweep_result result = {0};

	begin();
	CU_ASSERT_EQUAL(verdict("found", "mode is=1\n", true), TRIAGE_CLEAN);
	CU_ASSERT_EQUAL(verdict("found", "mode is=2\n", false), TRIAGE_NOT_REPEATED);
	CU_ASSERT_EQUAL(verdict("found", "take at=2\n", false), TRIAGE_UNREADABLE);
	CU_ASSERT_EQUAL(triage_load(below("found"), &result, err), 0);
	CU_ASSERT_EQUAL(result.finding_count, 0);
	CU_ASSERT_EQUAL_FATAL(result.not_judged_count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(result.not_judged[0].why, "does not repeat"));
	sweep_result_clear(&result);
	end();
}

/* What cannot be read is never passed over. */
static void test_damaged(void)
{
	struct sweep_result result = {0};

	begin();
	mkdir(below("found"), 0700);
	mkdir(below("found/0123456789abcdef"), 0700);
	mkdir(below("found/fedcba9876543210"), 0700);
	put("found/0123456789abcdef/finding.json", "{\"kind\": \"le");
	CU_ASSERT_EQUAL(triage_load(below("found"), &result, err), 0);
	CU_ASSERT_EQUAL(result.not_judged_count, 2);
	sweep_result_clear(&result);
	end();
}

static void test_merge(void)
{
	struct sweep_result result = {0};
	char one[160], two[160];

	begin();
	verdict("one", leak, false);
	verdict("two", leak, false);
	verdict("two", "mode is=5\ngive of=0\n", false);
	verdict("two", "mode is=2\n", false);
	snprintf(one, sizeof(one), "%s", below("one"));
	snprintf(two, sizeof(two), "%s", below("two"));
	CU_ASSERT_EQUAL(triage_merge(one, two, err), 1);
	CU_ASSERT_EQUAL(triage_merge(one, two, err), 0);
	CU_ASSERT_EQUAL(triage_load(one, &result, err), 0);
	CU_ASSERT_EQUAL(result.finding_count, 2);
	CU_ASSERT_EQUAL(result.not_judged_count, 1);
	sweep_result_clear(&result);
	end();
}

static void test_regress(void)
{
	char found[160], to[160], *list;
	size_t size;

	begin();
	verdict("found", leak, false);
	snprintf(found, sizeof(found), "%s", below("found"));
	snprintf(to, sizeof(to), "%s", below("a/b/regress"));
	CU_ASSERT_EQUAL(triage_regress(found, to, err), 1);
	CU_ASSERT_EQUAL(triage_regress(found, to, err), 0);
	list = file_read(below("a/b/regress/list"), 4096, &size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(list);
	CU_ASSERT_PTR_NOT_NULL(strstr(list, ".kfuzz clean # leak: "));
	CU_ASSERT_PTR_EQUAL(strchr(list, '\n'), list + size - 1);
	free(list);
	end();
}

/* A file is whole or what it was. */
static void test_whole(void)
{
	size_t size;
	char *text;

	begin();
	put("file", "before");
	CU_ASSERT_EQUAL(file_write(below("gone/file"), "after", 5, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "gone/file"));
	put("file", "after");
	text = file_read(below("file"), 100, &size);
	CU_ASSERT_STRING_EQUAL(text, "after");
	free(text);
	CU_ASSERT_PTR_NULL(file_read(folder, 100, &size));
	end();
}

CU_TestInfo findings_tests[] = {
	{"the same finding is kept once", test_once},
	{"what is clean", test_clean},
	{"what is damaged", test_damaged},
	{"two folders become one", test_merge},
	{"regressions", test_regress},
	{"files are whole", test_whole},
	CU_TEST_INFO_NULL,
};
