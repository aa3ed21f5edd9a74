// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merging stores: shards become what one sweep would have been, whatever the order and however often; what is missing is
 * named, and what contradicts itself is a finding.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/sweep/shared.h"
#include "../../harness/store/internal.h"
#include "../../harness/store/merge.h"

#define POINTS 20
#define SHARDS 3

static char directory[64], err[STORE_ERR];

static const char *file(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", directory, name);
	return to;
}

static struct store *open_store(const char *name)
{
	struct store *store = store_open(file(name), err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(store);
	return store;
}

/* Point 5k leaks, and all of them are one finding; the others fail properly. */
static void put_point(struct store *store, int64_t sweep, uint32_t n, int64_t result)
{
	struct finding f = {.kind = FINDING_LEAK, .id = "00000000000000aa", .group = "aa"};
	struct store_run run = {.flags = RUN_CONSUMED, .result = result, .points = n};
	char schedule[16];

	snprintf(schedule, sizeof(schedule), "%u", n);
	f.schedule = schedule;
	f.what = (char *)"8 bytes are left";
	run.schedule = schedule;
	if (n % 5 == 0) {
		run.flags |= RUN_ACCUSED;
		CU_ASSERT_EQUAL(store_put_finding(store, sweep, 0, &f), 0);
	}
	CU_ASSERT_EQUAL(store_put_run(store, sweep, &run), 0);
}

struct part {
	unsigned shard, shards;
	unsigned until; /* 0: all points; else killed before this one */
	int64_t result; /* of each run; 0: -12 */
	uint64_t sites;
};

static void make(const char *name, const struct part *part)
{
	const struct store_sweep what = {.version = "1",
					 .module = "many",
					 .shard = part->shard,
					 .shards = part->shards,
					 .directory = name};
	const struct store_baseline baseline = {.points = POINTS, .sites = part->sites};
	struct sweep_result r = {.status = SWEEP_FINDINGS, .seconds = 1};
	struct store *store = open_store(name);
	int64_t sweep = store_begin(store, &what, false, err);

	CU_ASSERT_TRUE_FATAL(sweep > 0);
	CU_ASSERT_EQUAL(store_put_baseline(store, sweep, &baseline), 0);
	for (uint32_t n = 1; n <= POINTS; n++) {
		if (part->until && n >= part->until)
			break;
		if (part->shards && (n - 1) % part->shards != part->shard - 1)
			continue;
		put_point(store, sweep, n, part->result ? part->result : -12);
		r.points++;
	}
	store->last_tick = 0;
	CU_ASSERT_EQUAL(store_tick(store), 0);
	if (!part->until)
		CU_ASSERT_EQUAL(store_finish(store, sweep, &r), 0);
	store_close(store);
}

static struct store_union last;
static char missing[64];

static void note(const struct store_union *whole, void *arg)
{
	last = *whole;
	snprintf(missing, sizeof(missing), "%s", whole->missing ? whole->missing : "");
	++*(unsigned *)arg;
}

/* Merge into "out"; returns how many wholes there are. */
static unsigned merge(const char *const *names)
{
	struct store *store = open_store("out");
	unsigned wholes = 0;

	for (; *names; names++)
		CU_ASSERT_EQUAL(store_import(store, file(*names), err), 0);
	CU_ASSERT_EQUAL(store_unite(store, note, &wholes, err), 0);
	store_close(store);
	return wholes;
}

/* Everything that a whole says, without its number and times. */
static char *whole_text(void)
{
	struct store *store = open_store("out");
	char *text = calloc(1, 1 << 16), *end = text, *json;
	struct sweep_result r;

	CU_ASSERT_EQUAL_FATAL(store_load(store, last.sweep, &r), 0);
	end += sprintf(end, "%u %u %u %u %u\n", r.status, r.points, r.injected, r.clean,
		       r.absorbed);
	for (unsigned i = 0; i < r.finding_count; i++) {
		json = finding_to_json(&r.findings[i]);
		end += sprintf(end, "%s\n", json);
		free(json);
	}
	for (unsigned i = 0; i < r.not_judged_count; i++)
		end += sprintf(end, "%s\n", r.not_judged[i].why);
	sweep_result_clear(&r);
	store_close(store);
	return text;
}

static void make_shards(void)
{
	for (unsigned shard = 1; shard <= SHARDS; shard++) {
		const struct part part = {.shard = shard, .shards = SHARDS};
		char name[8];

		snprintf(name, sizeof(name), "%u", shard);
		make(name, &part);
	}
}

static const char *const all[] = {"1", "2", "3", NULL};

/* Expect: what the whole sweep says, point 5 standing for 10, 15 and 20. */
static void test_whole(void)
{
	char *text;

	make_shards();
	CU_ASSERT_EQUAL(merge(all), 1);
	CU_ASSERT_EQUAL(last.parts, 3);
	CU_ASSERT_EQUAL(last.conflicts, 0);
	CU_ASSERT_STRING_EQUAL(missing, "");
	text = whole_text();
	CU_ASSERT_EQUAL(strncmp(text, "1 20 20 16 0\n", 13), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"schedule\":\"5\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"also\":3"));
	free(text);
}

/* Expect: in any order, one after the other, and all once more, the same. */
static void test_idempotent(void)
{
	static const char *const first[] = {"3", NULL}, *const rest[] = {"2", "1", NULL};
	char *once, *again;

	make_shards();
	merge(all);
	once = whole_text();
	merge(all);
	again = whole_text();
	CU_ASSERT_STRING_EQUAL(once, again);
	free(again);
	unlink(file("out"));
	merge(first);
	merge(rest);
	again = whole_text();
	CU_ASSERT_STRING_EQUAL(once, again);
	free(again);
	free(once);
}

/* Expect: named, and not judged until it is there. */
static void test_missing(void)
{
	static const char *const one[] = {"1", NULL};
	char *text;

	make_shards();
	merge(one);
	CU_ASSERT_STRING_EQUAL(missing, "2, 3 of 3");
	text = whole_text();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "2, 3 of 3"));
	free(text);
	merge(all);
	CU_ASSERT_STRING_EQUAL(missing, "");
	text = whole_text();
	CU_ASSERT_PTR_NULL(strstr(text, "missing"));
	free(text);
}

/* Expect: a shard whose machine was killed counts as missing; made again elsewhere, its runs count once. */
static void test_killed_shard(void)
{
	static const char *const names[] = {"1", "killed", "3", NULL}, *const again[] = {"2", NULL};
	const struct part killed = {.shard = 2, .shards = SHARDS, .until = 9};
	char *text;

	make_shards();
	make("killed", &killed);
	merge(names);
	CU_ASSERT_STRING_EQUAL(missing, "2 of 3");
	merge(again);
	CU_ASSERT_EQUAL(last.parts, 4);
	CU_ASSERT_EQUAL(last.conflicts, 0);
	text = whole_text();
	CU_ASSERT_EQUAL(strncmp(text, "1 20 20 16 0\n", 13), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"also\":3"));
	free(text);
}

/* Expect: one finding that says so, and both outcomes kept. */
static void test_conflict(void)
{
	const struct part other = {.shard = 2, .shards = SHARDS, .result = -5};
	static const char *const names[] = {"1", "2", "3", "other", NULL};
	struct store *store;
	char *text;

	make_shards();
	make("other", &other);
	merge(names);
	CU_ASSERT_EQUAL(last.conflicts, 7);
	text = whole_text();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "nondeterminism"));
	free(text);
	store = open_store("out");
	CU_ASSERT_EQUAL(store_number(store,
				     "SELECT count(*) FROM run WHERE sweep = ?1 AND "
				     "round = 1",
				     last.sweep, 0, 0),
			7);
	store_close(store);
}

static void test_other_baseline(void)
{
	const struct part other = {.shard = 2, .shards = SHARDS, .sites = 7};
	static const char *const names[] = {"1", "other", "3", NULL};
	char *text;

	make_shards();
	make("other", &other);
	merge(names);
	text = whole_text();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "without a refusal the module made other requests"));
	free(text);
}

/* Expect: sweeps that are no shards and stand alone are only copied. */
static void test_alone(void)
{
	const struct part whole = {0};
	static const char *const names[] = {"whole", NULL};
	struct store *store;

	make("whole", &whole);
	CU_ASSERT_EQUAL(merge(names), 0);
	store = open_store("out");
	CU_ASSERT_EQUAL(store_number(store, "SELECT count(*) FROM sweep", 0, 0, 0), 1);
	store_close(store);
}

static void test_bad_input(void)
{
	struct store *store = open_store("out");

	CU_ASSERT_EQUAL(store_import(store, file("gone"), err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "No such file"));
	CU_ASSERT_EQUAL(access(file("gone"), F_OK), -1);
	store_close(store);
}

static void in_directory(void (*test)(void))
{
	char command[128];

	strcpy(directory, "/tmp/kfail-merge-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	test();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	CU_ASSERT_EQUAL(system(command), 0);
}

#define IN_DIRECTORY(name)                    \
	static void name##_in_directory(void) \
	{                                     \
		in_directory(name);           \
	}

IN_DIRECTORY(test_whole)
IN_DIRECTORY(test_idempotent)
IN_DIRECTORY(test_missing)
IN_DIRECTORY(test_killed_shard)
IN_DIRECTORY(test_conflict)
IN_DIRECTORY(test_other_baseline)
IN_DIRECTORY(test_alone)
IN_DIRECTORY(test_bad_input)

CU_TestInfo store_merge_tests[] = {
	{"shards become a whole", test_whole_in_directory},
	{"in any order, and again", test_idempotent_in_directory},
	{"a missing shard", test_missing_in_directory},
	{"a killed shard", test_killed_shard_in_directory},
	{"contradictions", test_conflict_in_directory},
	{"another baseline", test_other_baseline_in_directory},
	{"a sweep that is no shard", test_alone_in_directory},
	{"bad input", test_bad_input_in_directory},
	CU_TEST_INFO_NULL,
};
