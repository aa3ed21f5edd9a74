// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"
#include "../../reports/report.h"
#include "suites.h"

static char *finding_text(const struct finding *finding, bool colour)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_finding_text(out, finding, 1, colour, true);
	fclose(out);
	return text;
}

static char *summary_text(const struct sweep_result *result, bool colour)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_summary_text(out, result, colour);
	fclose(out);
	return text;
}

static void expect_text(char *text, const char *expected)
{
	if (strcmp(text, expected) != 0)
		printf("\n---- got\n%s---- expected\n%s----\n", text, expected);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void test_whole(void)
{
	struct finding finding = sample_finding();

	expect_text(
		finding_text(&finding, false),
		"FINDING 1  leak  (schedule 7)  id e792ddf7b9947088\n"
		"    refused: request #7  kzalloc(96)  GFP_KERNEL|__GFP_ZERO  cache kmalloc-96\n"
		"        foo_alloc (inlined) [foo]  foo.h:12\n"
		"        foo_probe+0x45/0x120 [foo]  foo.c:123\n"
		"        do_one_initcall+0x59/0x220\n"
		"        do_one_initcall+0x5a/0x220\n"
		"        do_one_initcall+0x5b/0x220\n"
		"        (3 more of the kernel)\n"
		"    what: 1 object of 64 bytes, allocated by foo, is still live after init failed "
		"with"
		" -ENOMEM\n"
		"    where:\n"
		"        foo_probe+0x99/0x120 [foo]  foo.c:140\n"
		"    leaked: 64 bytes kmalloc-64 at 0xffff888004c3a2c0, owner foo, 3 points old; "
		"allocated at\n"
		"        foo_setup+0x1f/0x30 [foo]  foo.c:88\n"
		"      freed at\n"
		"        foo_reset+0x2f [foo]\n"
		"      content (first 17 bytes)\n"
		"        6b 66 61 69 6c 00 80 20 73 61 6d 70 6c 65 21 21  kfail.. sample!!\n"
		"        21                                               !\n"
		"      reached by foo:devices -> +0x18 -> this\n"
		"      without the refusal it is freed at\n"
		"        foo_remove+0x3f/0x40 [foo]  foo.c:99\n"
		"    leaked: cdev region, owner kernel\n"
		"    also found with 2 other schedules\n"
		"    replay: kfail replay --schedule 7 foo.ko\n"
		"    in the kernel's words:\n"
		"unreferenced object 0xffff888004c3a2c0 (size 64):\n"
		"  backtrace:\n"
		"\n");
	finding_clear(&finding);
}

/* Expect: nothing about what is not known. */
static void test_bare(void)
{
	struct finding finding = {.kind = FINDING_HANG};

	expect_text(finding_text(&finding, false), "FINDING 1  hang  (needs no refusal)\n\n");
	finding.schedule = xstrdup("");
	finding.also = 1;
	finding.core = true;
	expect_text(finding_text(&finding, false), "FINDING 1  hang  (needs no refusal)\n"
						   "    core: the kernel's own issue\n"
						   "    also found with 1 other schedule\n"
						   "\n");
	finding_clear(&finding);
}

/* Expect: long sentences and flags go on in the next line, below where they began. */
static void test_long_lines(void)
{
	struct finding finding = {.kind = FINDING_BUG, .has_point = true};
	char *text, *line, *next;

	finding.point.n = 1000000;
	finding.point.api = xstrdup("__alloc_pages_bulk_array_mempolicy");
	finding.point.gfp =
		xstrdup("GFP_KERNEL|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_ZERO");
	finding.point.cache = xstrdup("kmalloc-rcl-96");
	finding.what =
		xstrdup("a sentence that goes on and on, from one end of the terminal to the "
			"other, and then for some time on the next line, until it stops");
	text = finding_text(&finding, false);
	for (line = text; *line; line = next) {
		next = strchr(line, '\n') + 1;
		CU_ASSERT(next - line <= 101);
		CU_ASSERT(next[-2] != ' ');
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(0)\n             GFP_KERNEL|"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n          "));
	free(text);
	finding_clear(&finding);
}

/* Expect: a name cannot steer the terminal. */
static void test_control_characters(void)
{
	struct finding finding = {.kind = FINDING_BUG};

	finding.what = xstrdup("\033[2Jcleared\nand\tmore\a");
	expect_text(finding_text(&finding, false), "FINDING 1  bug  (needs no refusal)\n"
						   "    what: ?[2Jcleared and more?\n\n");
	finding_clear(&finding);
}

/* Expect: colours change nothing but colours. */
static void test_colour(void)
{
	struct finding finding = sample_finding();
	char *plain = finding_text(&finding, false), *colour = finding_text(&finding, true);
	char *to = colour;

	CU_ASSERT_PTR_NULL(strchr(plain, '\033'));
	CU_ASSERT_PTR_NOT_NULL(strchr(colour, '\033'));
	for (char *from = colour; *from; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	expect_text(colour, plain);
	free(plain);
	finding_clear(&finding);
}

/* Expect: kernel headers by their name in the tree, other files as they are. */
static void test_headers(void)
{
	struct finding finding = {.kind = FINDING_BUG};

	add_frame(&finding.stack, "a", 1, 2, "foo",
		  "/usr/src/linux-headers-6.1.0-56-common/include/linux/slab.h", 5);
	add_frame(&finding.stack, "b", 1, 2, "foo", "/home/me/foo/src/b.c", 6);
	expect_text(finding_text(&finding, false),
		    "FINDING 1  bug  (needs no refusal)\n"
		    "    where:\n"
		    "        a+0x1/0x2 [foo]  include/linux/slab.h:5\n"
		    "        b+0x1/0x2 [foo]  /home/me/foo/src/b.c:6\n\n");
	finding_clear(&finding);
}

/* Expect: of very many objects the first few, and how many more there are. */
static void test_many_objects(void)
{
	struct finding finding = {.kind = FINDING_LEAK, .object_count = 100};
	char *text;

	finding.objects = xcalloc(100, sizeof(*finding.objects));
	for (int i = 0; i < 100; i++)
		finding.objects[i] =
			(struct finding_object){.type = xstrdup("pages"), .size = 4096};
	text = finding_text(&finding, false);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "    leaked: 4096 bytes pages\n    leaked: and 92 more\n"));
	free(text);
	finding_clear(&finding);
}

static void test_summary(void)
{
	struct sweep_result result = sample_result();

	expect_text(
		summary_text(&result, false),
		"module:     foo\n"
		"kernel:     6.1.0-56-amd64\n"
		"scenario:   init-exit\n"
		"settings:   init_on_alloc=1 slub_debug=FZ,kmalloc-64\n"
		"baseline:   returned -19 (-ENODEV), 12 points\n"
		"points:     12, injected 11, absorbed 1, clean 7, with findings or not judged 3\n"
		"findings:   2: 1 bug, 1 leak\n"
		"core:       1 issue of the kernel itself, not held against the module\n"
		"            leak  (needs no refusal): sysfs keeps a dentry\n"
		"not judged: 3 schedules\n"
		"            9, 10: reached the real MMU in set_memory_ro\n"
		"            11: the time limit of 5 s was hit\n"
		"speed:      4322 runs/s, 0.25 seconds\n"
		"verdict: findings\n");
	sweep_result_clear(&result);
}

/* Expect: the verdict is always the last line. */
static void test_verdicts(void)
{
	static const struct {
		enum sweep_status status;
		const char *line;
	} verdicts[] = {
		{SWEEP_CLEAN, "\nverdict: clean\n"},
		{SWEEP_FINDINGS, "\nverdict: findings\n"},
		{SWEEP_NOT_JUDGED, "\nverdict: not judged\n"},
	};

	for (unsigned i = 0; i < 3; i++) {
		struct sweep_result result = {.status = verdicts[i].status};
		char *text = summary_text(&result, false);
		char *found = strstr(text, verdicts[i].line);

		CU_ASSERT_PTR_NOT_NULL_FATAL(found);
		CU_ASSERT_STRING_EQUAL(found, verdicts[i].line);
		free(text);
	}
}

CU_TestInfo text_tests[] = {
	{"a whole finding", test_whole},
	{"a bare finding", test_bare},
	{"long lines", test_long_lines},
	{"control characters", test_control_characters},
	{"colours", test_colour},
	{"kernel headers", test_headers},
	{"many objects", test_many_objects},
	{"summary", test_summary},
	{"verdicts", test_verdicts},
	CU_TEST_INFO_NULL,
};
