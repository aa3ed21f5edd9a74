// SPDX-License-Identifier: GPL-2.0-only
/*
 * SARIF as its readers need it: whether the file is valid against the standard's own schema is for tests/sarif.sh, which
 * takes the files that these tests leave under $KFAIL_KEEP.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"
#include "../../reports/place.h"
#include "suites.h"

static json_t *written(const struct sweep_result *result, const char *name)
{
	char *text = exported(report_sarif, result, name);
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	return object;
}

/* Members by key, elements by "#n": at(log, "runs", "#0", NULL). */
static const json_t *at(const json_t *value, ...)
{
	va_list keys;
	const char *key;

	va_start(keys, value);
	while ((key = va_arg(keys, const char *)))
		value = key[0] == '#' ? json_array_get(value, (size_t)atoi(key + 1))
				      : json_object_get(value, key);
	va_end(keys);
	return value;
}

#define TEXT(value, ...) (json_string_value(at(value, __VA_ARGS__, NULL)) ?: "(no text)")

static const json_t *result_at(const json_t *log, const char *n)
{
	return at(log, "runs", "#0", "results", n, NULL);
}

static void test_head(void)
{
	struct sweep_result result = sample_result();
	json_t *log = written(&result, "sample.sarif");

	CU_ASSERT_STRING_EQUAL(TEXT(log, "version"), "2.1.0");
	CU_ASSERT_STRING_EQUAL(TEXT(log, "runs", "#0", "tool", "driver", "name"), "kfail");
	CU_ASSERT_STRING_EQUAL(TEXT(log, "runs", "#0", "originalUriBaseIds", "%SRCROOT%", "uri"),
			       "file:///src/foo/");
	CU_ASSERT_STRING_EQUAL(TEXT(log, "runs", "#0", "automationDetails", "id"),
			       "kfail/foo/init-exit/6.1.0-56-amd64/");
	CU_ASSERT_EQUAL(json_array_size(at(log, "runs", "#0", "results", NULL)), 3);
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: file and line of the driver, the finding's id, and a flow through all stacks in the order of what happened. */
static void test_finding(void)
{
	struct sweep_result result = sample_result();
	json_t *log = written(&result, "sample.sarif");
	const json_t *finding = result_at(log, "#0");
	const json_t *place = at(finding, "locations", "#0", NULL);
	const json_t *steps =
		at(finding, "codeFlows", "#0", "threadFlows", "#0", "locations", NULL);

	CU_ASSERT_STRING_EQUAL(TEXT(finding, "ruleId"), "leak");
	CU_ASSERT_STRING_EQUAL(TEXT(finding, "level"), "error");
	CU_ASSERT_STRING_EQUAL(TEXT(place, "physicalLocation", "artifactLocation", "uri"), "foo.c");
	CU_ASSERT_STRING_EQUAL(TEXT(place, "physicalLocation", "artifactLocation", "uriBaseId"),
			       "%SRCROOT%");
	CU_ASSERT_EQUAL(
		json_integer_value(at(place, "physicalLocation", "region", "startLine", NULL)),
		140);
	CU_ASSERT_STRING_EQUAL(TEXT(place, "logicalLocations", "#0", "fullyQualifiedName"),
			       "foo!foo_probe");
	CU_ASSERT_STRING_EQUAL(TEXT(finding, "partialFingerprints", "kfailFinding/v1"),
			       "e792ddf7b9947088");
	CU_ASSERT_STRING_EQUAL(TEXT(finding, "properties", "replay"),
			       "kfail replay --schedule 7 foo.ko");
	CU_ASSERT_EQUAL(json_array_size(at(finding, "stacks", NULL)), 4);
	/* foo_setup (allocated), foo_reset (freed), foo_probe and foo_alloc in it (refused), foo_probe. */
	CU_ASSERT_EQUAL(json_array_size(steps), 5);
	CU_ASSERT_STRING_EQUAL(TEXT(steps, "#0", "location", "message", "text"),
			       "64 bytes of kmalloc-64 are allocated here");
	CU_ASSERT_STRING_EQUAL(TEXT(steps, "#3", "location", "message", "text"),
			       "request #7 is refused: kzalloc(96) GFP_KERNEL|__GFP_ZERO");
	CU_ASSERT_STRING_EQUAL(TEXT(steps, "#3", "importance"), "essential");
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: where a lock was taken is a stack of its own, between the refusal and where it went wrong. */
static void test_locks(void)
{
	struct sweep_result result = sample_result();
	struct finding *finding = &result.findings[0];
	const json_t *stacks;
	json_t *log;

	finding->locks = xcalloc(2, sizeof(*finding->locks));
	finding->lock_count = 2;
	finding->locks[0].kind = xstrdup("mutex");
	finding->locks[0].name = xstrdup("foo:lock");
	finding->locks[0].role = xstrdup("held");
	add_frame(&finding->locks[0].taken, "foo_take", 0x1f, 0x30, "foo", "foo.c", 33);
	finding->locks[1].kind = xstrdup("spinlock"); /* nobody knows where */
	log = written(&result, "locks.sarif");
	stacks = at(result_at(log, "#0"), "stacks", NULL);
	CU_ASSERT_EQUAL(json_array_size(stacks), 5);
	CU_ASSERT_STRING_EQUAL(TEXT(stacks, "#3", "message", "text"),
			       "mutex foo:lock is held here");
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: without debug information the module stands for the file; the kernel's own issue is no failure. */
static void test_no_place(void)
{
	struct sweep_result result = sample_result();
	json_t *log = written(&result, "sample.sarif");
	const json_t *bug = result_at(log, "#1"), *core = result_at(log, "#2");

	CU_ASSERT_STRING_EQUAL(
		TEXT(bug, "locations", "#0", "physicalLocation", "artifactLocation", "uri"),
		"foo.ko");
	CU_ASSERT_PTR_NULL(at(bug, "codeFlows", NULL));
	CU_ASSERT_STRING_EQUAL(TEXT(core, "kind"), "review");
	CU_ASSERT_STRING_EQUAL(TEXT(core, "level"), "none");
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: what was not judged makes the execution unsuccessful, each with its reason. */
static void test_invocation(void)
{
	struct sweep_result result = sample_result(), clean = clean_result();
	json_t *log = written(&result, "sample.sarif"), *good = written(&clean, "clean.sarif");
	const json_t *run = at(log, "runs", "#0", "invocations", "#0", NULL);
	const json_t *notes = at(run, "toolExecutionNotifications", NULL);

	CU_ASSERT_TRUE(json_is_false(at(run, "executionSuccessful", NULL)));
	CU_ASSERT_EQUAL(json_integer_value(at(run, "exitCode", NULL)), 1);
	CU_ASSERT_EQUAL(json_array_size(notes), 3);
	CU_ASSERT_STRING_EQUAL(TEXT(notes, "#2", "message", "text"),
			       "not judged: schedule 11: the time limit of 5 s was hit");
	run = at(good, "runs", "#0", "invocations", "#0", NULL);
	CU_ASSERT_TRUE(json_is_true(at(run, "executionSuccessful", NULL)));
	CU_ASSERT_EQUAL(json_array_size(at(good, "runs", "#0", "results", NULL)), 0);
	json_decref(log);
	json_decref(good);
	sweep_result_clear(&result);
	sweep_result_clear(&clean);
}

/* Expect: each result's rule is the one that it names, every kind has words, and paths are URIs. */
static void test_wild(void)
{
	struct sweep_result result = wild_result();
	json_t *log = written(&result, "wild.sarif");
	const json_t *rules = at(log, "runs", "#0", "tool", "driver", "rules", NULL), *finding;
	size_t i, suppressed = 0;

	CU_ASSERT_EQUAL(json_array_size(rules), FINDING_NR_KINDS);
	json_array_foreach(at(log, "runs", "#0", "results", NULL), i, finding)
	{
		size_t index = (size_t)json_integer_value(json_object_get(finding, "ruleIndex"));
		const json_t *rule = json_array_get(rules, index);

		CU_ASSERT_STRING_EQUAL(TEXT(finding, "ruleId"), TEXT(rule, "id"));
		CU_ASSERT_STRING_NOT_EQUAL(TEXT(rule, "help", "text"), "See the message.");
		suppressed += json_array_size(json_object_get(finding, "suppressions"));
	}
	CU_ASSERT_EQUAL(suppressed, 4);
	finding = result_at(log, "#1");
	CU_ASSERT_STRING_EQUAL(
		TEXT(finding, "locations", "#0", "physicalLocation", "artifactLocation", "uri"),
		"sub%20dir/a%23b.c");
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: a result for each bug, with the count of schedules; unexpected points are told. */
static void test_groups(void)
{
	struct sweep_result result = sample_result();
	json_t *log;

	strcpy(result.findings[0].group, "b06");
	strcpy(result.findings[1].group, "b06");
	result.unexpected = xcalloc(1, sizeof(*result.unexpected));
	result.unexpected_count = 1;
	result.unexpected[0] = (struct unexpected_points){xstrdup("init-exit"), 13, 10, 12};
	log = written(&result, "groups.sarif");
	CU_ASSERT_EQUAL(json_array_size(at(log, "runs", "#0", "results", NULL)), 2);
	CU_ASSERT_EQUAL(json_integer_value(at(result_at(log, "#0"), "occurrenceCount", NULL)), 4);
	CU_ASSERT_STRING_EQUAL(TEXT(result_at(log, "#0"), "partialFingerprints", "kfailGroup/v1"),
			       "b06");
	CU_ASSERT_STRING_EQUAL(TEXT(log, "runs", "#0", "invocations", "#0",
				    "toolExecutionNotifications", "#3", "message", "text"),
			       "init-exit: 13 points, 10 to 12 expected");
	json_decref(log);
	sweep_result_clear(&result);
}

/* Expect: the driver's own file, not the kernel header whose inline function is innermost; that one when there is no
 * other; and no file when there is none. */
static void test_place(void)
{
	struct finding finding = {.kind = FINDING_HANG};

	CU_ASSERT_PTR_NULL(place_of_finding(&finding));
	add_frame(&finding.stack, "kfree", 0x10, 0, NULL, "mm/slab.c", 3);
	CU_ASSERT_PTR_NULL(place_of_finding(&finding));
	add_frame(&finding.stack, "foo_x", 0x10, 0, "foo", NULL, 0);
	CU_ASSERT_STRING_EQUAL(place_of_finding(&finding)->function, "foo_x");
	add_frame(&finding.stack, "kmalloc", 0, 0, "foo", "/h/include/linux/slab.h", 5)->inlined =
		true;
	CU_ASSERT_STRING_EQUAL(place_of_finding(&finding)->function, "kmalloc");
	add_frame(&finding.stack, "foo_open", 0x10, 0, "foo", "/src/foo/foo.c", 9);
	CU_ASSERT_STRING_EQUAL(place_of_finding(&finding)->function, "foo_open");
	finding_clear(&finding);
	CU_ASSERT_STRING_EQUAL(place_below("/src/foo/a.c", "/src/foo/"), "a.c");
	CU_ASSERT_PTR_NULL(place_below("/src/foobar/a.c", "/src/foo"));
	CU_ASSERT_STRING_EQUAL(place_below("drivers/a.c", "/src/foo"), "drivers/a.c");
	CU_ASSERT_PTR_NULL(place_below("/a.c", NULL));
}

CU_TestInfo sarif_tests[] = {
	{"the run", test_head},
	{"a finding", test_finding},
	{"a finding about locks", test_locks},
	{"findings without a place", test_no_place},
	{"what was not judged", test_invocation},
	{"every kind, and odd characters", test_wild},
	{"a bug and its findings", test_groups},
	{"where a finding is shown", test_place},
	CU_TEST_INFO_NULL,
};
