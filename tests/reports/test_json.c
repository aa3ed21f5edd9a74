// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../reports/report.h"
#include "suites.h"

static char directory[] = "/tmp/kfail-reports-XXXXXX";

static const char *in_directory(const char *name)
{
	static char path[256];

	if (strstr(directory, "XXXXXX"))
		CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static unsigned files_in_directory(void)
{
	DIR *dir = opendir(directory);
	unsigned count = 0;

	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static json_t *written(const struct sweep_result *result)
{
	const char *path = in_directory("report.json");
	json_error_t error;
	json_t *object;

	CU_ASSERT_EQUAL_FATAL(report_json(path, result, "0.1.0"), 0);
	object = json_load_file(path, 0, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	unlink(path);
	return object;
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(no text)";
}

static json_int_t number_at(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Expect: every name of the documented object, in its order. */
static void test_keys(void)
{
	static const char *const keys[] = {"kfail",
					   "kernel",
					   "module",
					   "scenario",
					   "settings",
					   "status",
					   "baseline",
					   "points",
					   "injected",
					   "absorbed",
					   "clean",
					   "seconds",
					   "runs_per_second",
					   "findings",
					   "not_judged",
					   "groups",
					   "policy",
					   "benign",
					   "plan",
					   "shard",
					   "runs",
					   "not_swept",
					   "interrupted",
					   "operations",
					   "unexpected_points",
					   "never_refused",
					   "stale_accepted"};
	struct sweep_result result = sample_result();
	json_t *object = written(&result), *value;
	const char *key;
	unsigned i = 0;

	json_object_foreach(object, key, value)
	{
		CU_ASSERT_FATAL(i < sizeof(keys) / sizeof(keys[0]));
		CU_ASSERT_STRING_EQUAL(key, keys[i++]);
	}
	CU_ASSERT_EQUAL(i, sizeof(keys) / sizeof(keys[0]));
	json_decref(object);
	sweep_result_clear(&result);
}

static void test_values(void)
{
	struct sweep_result result = sample_result();
	json_t *object = written(&result);
	json_t *baseline = json_object_get(object, "baseline");

	CU_ASSERT_STRING_EQUAL(text_at(object, "kfail"), "0.1.0");
	CU_ASSERT_STRING_EQUAL(text_at(object, "kernel"), "6.1.0-56-amd64");
	CU_ASSERT_STRING_EQUAL(text_at(object, "module"), "foo");
	CU_ASSERT_STRING_EQUAL(text_at(object, "scenario"), "init-exit");
	CU_ASSERT_STRING_EQUAL(text_at(object, "settings"),
			       "init_on_alloc=1 slub_debug=FZ,kmalloc-64");
	CU_ASSERT_STRING_EQUAL(text_at(object, "status"), "findings");
	CU_ASSERT_EQUAL(number_at(baseline, "result"), -19);
	CU_ASSERT_EQUAL(number_at(baseline, "points"), 12);
	CU_ASSERT_EQUAL(number_at(object, "points"), 12);
	CU_ASSERT_EQUAL(number_at(object, "injected"), 11);
	CU_ASSERT_EQUAL(number_at(object, "absorbed"), 1);
	CU_ASSERT_EQUAL(number_at(object, "clean"), 7);
	CU_ASSERT_EQUAL(json_real_value(json_object_get(object, "runs_per_second")), 4321.5);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(object, "findings")), 3);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(object, "not_judged")), 3);
	json_decref(object);
	sweep_result_clear(&result);
}

static void test_finding(void)
{
	struct sweep_result result = sample_result();
	json_t *object = written(&result);
	json_t *finding = json_array_get(json_object_get(object, "findings"), 0);
	json_t *point = json_object_get(finding, "point");
	json_t *stack = json_object_get(point, "stack");
	json_t *frame = json_array_get(stack, 1), *kernel = json_array_get(stack, 2);

	CU_ASSERT_STRING_EQUAL(text_at(finding, "id"), "e792ddf7b9947088");
	CU_ASSERT_STRING_EQUAL(text_at(finding, "kind"), "leak");
	CU_ASSERT_STRING_EQUAL(text_at(finding, "schedule"), "7");
	CU_ASSERT_STRING_EQUAL(text_at(finding, "replay"), "kfail replay --schedule 7 foo.ko");
	CU_ASSERT_EQUAL(number_at(finding, "also"), 2);
	CU_ASSERT_EQUAL(number_at(point, "n"), 7);
	CU_ASSERT_STRING_EQUAL(text_at(point, "api"), "kzalloc");
	CU_ASSERT_EQUAL(number_at(point, "size"), 96);
	CU_ASSERT_STRING_EQUAL(text_at(point, "gfp"), "GFP_KERNEL|__GFP_ZERO");
	CU_ASSERT_STRING_EQUAL(text_at(point, "cache"), "kmalloc-96");
	CU_ASSERT_EQUAL(json_array_size(stack), 8);
	CU_ASSERT_STRING_EQUAL(text_at(frame, "function"), "foo_probe");
	CU_ASSERT_STRING_EQUAL(text_at(frame, "file"), "foo.c");
	CU_ASSERT_EQUAL(number_at(frame, "line"), 123);
	CU_ASSERT_STRING_EQUAL(text_at(frame, "module"), "foo");
	CU_ASSERT_EQUAL(number_at(frame, "offset"), 0x45);
	CU_ASSERT_TRUE(json_is_null(json_object_get(kernel, "module")));
	CU_ASSERT_PTR_NULL(json_object_get(kernel, "file"));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(finding, "objects")), 2);
	json_decref(object);
	sweep_result_clear(&result);
}

/* Expect: the documented status names; no infinity; empty lists are lists. */
static void test_empty(void)
{
	static const char *const names[] = {"clean", "findings", "not-judged"};

	for (int status = 0; status < 3; status++) {
		struct sweep_result result = {.status = status, .runs_per_second = INFINITY};
		json_t *object = written(&result);

		CU_ASSERT_STRING_EQUAL(text_at(object, "status"), names[status]);
		CU_ASSERT_EQUAL(json_real_value(json_object_get(object, "runs_per_second")), 0);
		CU_ASSERT_TRUE(json_is_array(json_object_get(object, "findings")));
		CU_ASSERT_TRUE(json_is_array(json_object_get(object, "not_judged")));
		json_decref(object);
	}
}

/* Expect: an old report is replaced, its link stays a link, and nothing else is left behind. */
static void test_replace(void)
{
	struct sweep_result result = {0};
	char link[256], target[256];
	struct stat st;

	snprintf(target, sizeof(target), "%s", in_directory("real.json"));
	snprintf(link, sizeof(link), "%s", in_directory("link.json"));
	CU_ASSERT_EQUAL(report_json(target, &result, "old"), 0);
	CU_ASSERT_EQUAL(symlink("real.json", link), 0);
	CU_ASSERT_EQUAL(report_check(link), 0);
	CU_ASSERT_EQUAL(report_json(link, &result, "new"), 0);
	CU_ASSERT_EQUAL(lstat(link, &st), 0);
	CU_ASSERT_TRUE(S_ISLNK(st.st_mode));
	CU_ASSERT_EQUAL(files_in_directory(), 2);
	unlink(link);
	unlink(target);
}

/* Expect: what cannot be written is known before, and told by its errno; devices stay devices. */
static void test_bad_targets(void)
{
	struct sweep_result result = {0};
	struct stat st;

	CU_ASSERT_EQUAL(report_check(in_directory("no/such/report.json")), -ENOENT);
	CU_ASSERT_EQUAL(report_json(in_directory("no/such/report.json"), &result, "0"), -ENOENT);
	CU_ASSERT_EQUAL(report_check(directory), -EISDIR);
	CU_ASSERT_EQUAL(report_json(directory, &result, "0"), -EISDIR);
	CU_ASSERT_EQUAL(report_check(""), -ENOENT);
	CU_ASSERT_EQUAL(report_check("-"), 0);
	CU_ASSERT_EQUAL(report_check(in_directory("new.json")), 0);
	CU_ASSERT_EQUAL(report_check("/dev/null"), 0);
	CU_ASSERT_EQUAL(report_json("/dev/null", &result, "0"), 0);
	CU_ASSERT_EQUAL(stat("/dev/null", &st), 0);
	CU_ASSERT_TRUE(S_ISCHR(st.st_mode));
	CU_ASSERT_EQUAL(report_json("/dev/full", &result, "0"), -ENOSPC);
	CU_ASSERT_EQUAL(files_in_directory(), 0);
	rmdir(directory);
}

CU_TestInfo json_tests[] = {
	{"names and order", test_keys},
	{"values", test_values},
	{"a finding", test_finding},
	{"nothing to report", test_empty},
	{"replacing a report", test_replace},
	{"where it cannot be written", test_bad_targets},
	CU_TEST_INFO_NULL,
};
