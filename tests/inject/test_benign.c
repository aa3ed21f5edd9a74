// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of benign sites: what it may look like, whom it covers, and what is counted, in forked workers too.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/inject/benign.h"
#include "../../harness/trace/symbols.h"

static const char names[] = "fill\0other";
static const struct ksym functions[] = {{0x20000, 0, 't'}, {0x20100, 5, 't'}};
static const struct ksym_table table = {functions, 2, names, 0x20000, 0x20200};

static char path[] = "/tmp/kfail-benign-XXXXXX";

static int read_text(const char *text, struct benign *out, char *err)
{
	int fd, result;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	result = benign_read(path, out, err);
	unlink(path);
	return result;
}

static void test_reading(void)
{
	struct benign benign;
	char err[BENIGN_ERR];

	CU_ASSERT_EQUAL_FATAL(read_text("# nothing\n\n  fill+0x10\ta hint, no more \n"
					"fill.c:12 agreed\nother reason",
					&benign, err),
			      0);
	CU_ASSERT_EQUAL_FATAL(benign.count, 3);
	CU_ASSERT_STRING_EQUAL(benign.entries[0].site, "fill+0x10");
	CU_ASSERT_STRING_EQUAL(benign.entries[0].reason, "a hint, no more ");
	CU_ASSERT_EQUAL(benign.entries[0].line, 3);
	CU_ASSERT_STRING_EQUAL(benign.entries[1].site, "fill.c:12");
	CU_ASSERT_STRING_EQUAL(benign.entries[2].reason, "reason");
	benign_clear(&benign);
	CU_ASSERT_EQUAL(read_text("", &benign, err), 0);
	CU_ASSERT_EQUAL(benign.count, 0);
	CU_ASSERT_EQUAL(benign_resolve(&benign, err), 0);
}

/* Expect: file and line, and what is wrong there. */
static void test_malformed(void)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{"fill+0x10\n", ":1: a reason is missing"},
		{"# ok\nfill   \n", ":2: a reason is missing"},
		{"fill+ why\n", ":1: no site"},
		{"12 why\n", ":1: no site"},
		{"fill reason\nfill.c:0 why\n", ":2: no site"},
		{"+0x10 why\n", ":1: no site"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct benign benign;
		char err[BENIGN_ERR] = "";

		CU_ASSERT_EQUAL(read_text(cases[i].text, &benign, err), -1);
		CU_ASSERT_PTR_EQUAL(strstr(err, path), err);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, cases[i].sentence));
		CU_ASSERT_EQUAL(benign.count, 0);
	}
}

static void test_unreadable(void)
{
	struct benign benign;
	char err[BENIGN_ERR] = "";

	CU_ASSERT_EQUAL(benign_read("/nonexistent/benign", &benign, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "/nonexistent/benign"));
	CU_ASSERT_EQUAL(benign_read("/tmp", &benign, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "/tmp"));
}

/* Expect: the most of any run, whichever process it was in; code that is not there is told from a site that nobody used. */
static void test_counts(void)
{
	struct benign benign;
	char err[BENIGN_ERR];
	pid_t pid;

	symbols_add_table("made", &table);
	CU_ASSERT_EQUAL_FATAL(read_text("fill+0x10 a\nother b\ngone+0x10 c\n", &benign, err), 0);
	CU_ASSERT_EQUAL_FATAL(benign_resolve(&benign, err), 0);
	CU_ASSERT_TRUE(benign.entries[0].known && benign.entries[1].known);
	CU_ASSERT_FALSE(benign.entries[2].known);
	benign_begin(&benign);
	CU_ASSERT_TRUE(benign_covers(&benign, 0x20010));
	CU_ASSERT_FALSE(benign_covers(&benign, 0x20011));
	benign_end(&benign);
	pid = fork();
	if (!pid) {
		benign_begin(&benign);
		benign_covers(&benign, 0x20010);
		benign_covers(&benign, 0x20010);
		benign_end(&benign);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
	CU_ASSERT_EQUAL(benign.most[0], 2);
	benign_begin(&benign);
	benign_covers(&benign, 0x20010);
	benign_end(&benign);
	CU_ASSERT_EQUAL(benign.most[0], 2);
	CU_ASSERT_EQUAL(benign.most[1], 0);
	benign_clear(&benign);
}

CU_TestInfo benign_tests[] = {
	{"reading", test_reading},
	{"malformed lines", test_malformed},
	{"unreadable files", test_unreadable},
	{"counts", test_counts},
	CU_TEST_INFO_NULL,
};
