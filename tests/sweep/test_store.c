// SPDX-License-Identifier: GPL-2.0-only
/*
 * The result store: what is put comes back, a kill loses only what was not written yet, and bad files are one sentence.
 */
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/sweep/shared.h"
#include "../../harness/store/internal.h"

static char directory[64], path[96], err[STORE_ERR];

static const struct store_sweep what = {
	.version = "1", .kernel = "native", .module = "many", .module_hash = "abc"};

static void set_up(void)
{
	strcpy(directory, "/tmp/kfail-store-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/results.db", directory);
	err[0] = '\0';
}

static void tear_down(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[128];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

static struct store *open_store(void)
{
	struct store *store = store_open(path, err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(store);
	return store;
}

static int64_t begin(struct store *store)
{
	int64_t sweep = store_begin(store, &what, false, err);

	CU_ASSERT_TRUE_FATAL(sweep > 0);
	return sweep;
}

static void put_run(struct store *store, int64_t sweep, const char *schedule, uint8_t flags,
		    uint32_t points)
{
	const struct store_run run = {
		.schedule = schedule, .flags = flags, .result = -12, .points = points};

	CU_ASSERT_EQUAL(store_put_run(store, sweep, &run), 0);
}

static void put_point(struct store *store, int64_t sweep, uint32_t n)
{
	char schedule[16];

	snprintf(schedule, sizeof(schedule), "%u", n);
	put_run(store, sweep, schedule, RUN_CONSUMED, n);
}

static struct finding leak(const char *id, const char *schedule)
{
	struct finding f = {.kind = FINDING_LEAK};

	snprintf(f.id, sizeof(f.id), "%s", id);
	f.schedule = (char *)schedule;
	f.what = (char *)"8 bytes are left";
	return f;
}

/* Write what is in the queue without ending the sweep. */
static void write_now(struct store *store)
{
	store->last_tick = 0;
	CU_ASSERT_EQUAL(store_tick(store), 0);
}

static int64_t number(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t value = -1;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return value;
}

static void finish(struct store *store, int64_t sweep, struct finding *findings, unsigned count)
{
	struct sweep_result r = {.status = count ? SWEEP_FINDINGS : SWEEP_CLEAN,
				 .points = 10,
				 .injected = 9,
				 .clean = 8,
				 .absorbed = 1,
				 .findings = findings,
				 .finding_count = count};

	r.baseline.points = 10;
	CU_ASSERT_EQUAL(store_finish(store, sweep, &r), 0);
}

/* Points in a row that came to the same take one row; each is found, with its own number of requests. */
static void test_runs(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct store_run run;

	for (uint32_t n = 1; n <= 1000; n++)
		put_point(store, sweep, n);
	put_run(store, sweep, "1001", RUN_CONSUMED | RUN_ABSORBED, 2000);
	put_run(store, sweep, "3,9", RUN_CONSUMED, 9);
	put_run(store, sweep, "7+", RUN_CONSUMED, 8);
	finish(store, sweep, NULL, 0);
	CU_ASSERT_EQUAL(number("SELECT count(*) FROM run"), 4);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "777", &run));
	CU_ASSERT_EQUAL(run.points, 777);
	CU_ASSERT_EQUAL(run.flags, RUN_CONSUMED);
	CU_ASSERT_EQUAL(run.result, -12);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "1001", &run));
	CU_ASSERT_EQUAL(run.points, 2000);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "3,9", &run));
	CU_ASSERT_EQUAL(run.points, 9);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "7+", &run));
	CU_ASSERT_FALSE(store_find_run(store, sweep, 0, "1002", &run));
	CU_ASSERT_FALSE(store_find_run(store, sweep, 1, "777", &run));
	CU_ASSERT_FALSE(store_find_run(store, sweep + 1, 0, "777", &run));
	CU_ASSERT_FALSE(store_find_run(store, sweep, 0, "3", &run) && run.points != 3);
	store_close(store);
}

/* A row that was written while it grew is the same row in the end. */
static void test_growing(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);

	for (uint32_t n = 1; n <= 10; n++)
		put_point(store, sweep, n);
	write_now(store);
	CU_ASSERT_EQUAL(number("SELECT count FROM run"), 10);
	for (uint32_t n = 11; n <= 20; n++)
		put_point(store, sweep, n);
	finish(store, sweep, NULL, 0);
	CU_ASSERT_EQUAL(number("SELECT count(*) FROM run"), 1);
	CU_ASSERT_EQUAL(number("SELECT count FROM run"), 20);
	store_close(store);
}

static void test_fresh(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct store_run run = {.schedule = "5", .points = 9, .fresh = "6x3"};

	put_point(store, sweep, 4);
	CU_ASSERT_EQUAL(store_put_run(store, sweep, &run), 0);
	put_point(store, sweep, 6);
	finish(store, sweep, NULL, 0);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "5", &run));
	CU_ASSERT_STRING_EQUAL(run.fresh, "6x3");
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "6", &run));
	CU_ASSERT_PTR_NULL(run.fresh);
	store_close(store);
}

/* SIGKILL after a tick: what was put before it is there, together with its findings; the rest is run again. */
static void test_killed(void)
{
	struct finding f = leak("00000000000000aa", "2");
	struct sweep_result r;
	struct store_run run;
	struct store *store;
	int64_t sweep;
	pid_t pid = fork();

	if (!pid) {
		store = open_store();
		sweep = begin(store);
		put_point(store, sweep, 1);
		store_put_finding(store, sweep, 0, &f);
		put_run(store, sweep, "2", RUN_CONSUMED | RUN_ACCUSED, 2);
		write_now(store);
		put_point(store, sweep, 3);
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	store = open_store();
	sweep = store_begin(store, &what, true, err);
	CU_ASSERT_TRUE_FATAL(sweep > 0);
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "1", &run));
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "2", &run));
	CU_ASSERT_FALSE(store_find_run(store, sweep, 0, "3", &run));
	CU_ASSERT_EQUAL(store_load(store, sweep, &r), 0);
	CU_ASSERT_EQUAL(r.status, SWEEP_FINDINGS);
	CU_ASSERT_EQUAL(r.finding_count, 1);
	CU_ASSERT_EQUAL(r.injected, 2);
	CU_ASSERT_EQUAL(r.clean, 1);
	CU_ASSERT_EQUAL(r.not_judged_count, 1);
	sweep_result_clear(&r);
	finish(store, sweep, &f, 1);
	CU_ASSERT_EQUAL(store_begin(store, &what, true, err), 0);
	store_close(store);
}

/* What is resumed is the newest unfinished sweep of the same identity and shard, and of no other. */
static void test_identity(void)
{
	struct store *store = open_store();
	struct store_sweep other = what, part = what;
	int64_t first = begin(store), second = begin(store);

	other.module_hash = "abd";
	part.shard = 1;
	part.shards = 2;
	CU_ASSERT_EQUAL(store_begin(store, &what, true, err), second);
	CU_ASSERT_EQUAL(store_begin(store, &other, true, err), 0);
	CU_ASSERT_EQUAL(store_begin(store, &part, true, err), 0);
	finish(store, second, NULL, 0);
	CU_ASSERT_EQUAL(store_begin(store, &what, true, err), first);
	store_close(store);
}

/* A finding is kept once, under its smallest schedule, in whatever order its runs come. */
static void test_findings(void)
{
	static const char *const schedules[] = {"9", "3,9", "7", "7+", "8"};
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct sweep_result r;

	for (unsigned i = 0; i < 5; i++) {
		struct finding f = leak("00000000000000aa", schedules[i]);

		CU_ASSERT_EQUAL(store_put_finding(store, sweep, 0, &f), 0);
		CU_ASSERT_EQUAL(store_put_finding(store, sweep, 0, &f), 0);
	}
	write_now(store);
	CU_ASSERT_EQUAL(store_load(store, sweep, &r), 0);
	CU_ASSERT_EQUAL_FATAL(r.finding_count, 1);
	CU_ASSERT_STRING_EQUAL(r.findings[0].schedule, "7");
	CU_ASSERT_EQUAL(r.findings[0].also, 4);
	sweep_result_clear(&r);
	store_close(store);
}

static void test_finished(void)
{
	struct finding told[] = {leak("00000000000000aa", "7"), leak("00000000000000bb", "")};
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct sweep_result r;

	told[0].also = 3;
	told[0].confirmed = CONFIRM_NO;
	store_put_finding(store, sweep, 0, &told[0]);
	finish(store, sweep, told, 2);
	CU_ASSERT_EQUAL(store_load(store, sweep, &r), 0);
	CU_ASSERT_EQUAL(r.status, SWEEP_FINDINGS);
	CU_ASSERT_EQUAL(r.injected, 9);
	CU_ASSERT_EQUAL_FATAL(r.finding_count, 2);
	CU_ASSERT_STRING_EQUAL(r.findings[0].id, "00000000000000bb");
	CU_ASSERT_EQUAL(r.findings[1].also, 3);
	CU_ASSERT_EQUAL(r.findings[1].confirmed, CONFIRM_NO);
	CU_ASSERT_STRING_EQUAL(r.module, "many");
	sweep_result_clear(&r);
	store_close(store);
}

static void test_baseline(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct store_baseline b = {.name = "open", .operation = 1, .points = 12, .sites = 77};

	CU_ASSERT_EQUAL(store_put_baseline(store, sweep, &b), 0);
	write_now(store);
	CU_ASSERT_EQUAL(store_put_baseline(store, sweep, &b), 0);
	b.sites = 78;
	CU_ASSERT_EQUAL(store_put_baseline(store, sweep, &b), 1);
	store_close(store);
}

/* While another process writes, a tick returns at once, and the next one makes up for it. */
static void test_busy(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);
	sqlite3 *other;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &other), SQLITE_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	put_point(store, sweep, 1);
	write_now(store);
	CU_ASSERT_EQUAL(number("SELECT count(*) FROM run"), 0);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	write_now(store);
	CU_ASSERT_EQUAL(number("SELECT count(*) FROM run"), 1);
	CU_ASSERT_PTR_NULL(store_error(store));
	store_close(store);
}

/* ---- bad files ---- */

static void write_file(const char *bytes, size_t size)
{
	FILE *out = fopen(path, "wb");

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, size, out), size);
	fclose(out);
}

static void expect_sentence(const char *word)
{
	CU_ASSERT_PTR_NULL_FATAL(store_open(path, err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, path));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, word));
	CU_ASSERT_PTR_NULL(strchr(err, '\n'));
}

static void test_no_database(void)
{
	char noise[8192];

	memset(noise, 'x', sizeof(noise));
	write_file(noise, sizeof(noise));
	expect_sentence("not an SQLite database");
}

static void change(const char *sql)
{
	sqlite3 *db;

	CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_another_program(void)
{
	change("CREATE TABLE songs (name TEXT)");
	expect_sentence("another program");
}

static void test_another_version(void)
{
	store_close(open_store());
	change("PRAGMA user_version = 99");
	expect_sentence("version 99");
}

static void test_damaged(void)
{
	struct store *store = open_store();
	FILE *file;

	finish(store, begin(store), NULL, 0);
	store_close(store);
	file = fopen(path, "r+b");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	/* The page with the list of tables begins behind the header. */
	fseek(file, 100, SEEK_SET);
	for (unsigned i = 0; i < 3000; i++)
		fputc(0xa5, file);
	fclose(file);
	expect_sentence("damaged");
}

static void test_missing_reader(void)
{
	CU_ASSERT_PTR_NULL(store_open_reader(path, err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "No such file"));
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
}

/* A disk that is full: one sentence, later writes fail at once, and what was written before is intact. */
static void test_full(void)
{
	struct store *store = open_store();
	int64_t sweep = begin(store);
	struct rlimit limit = {.rlim_cur = 200000, .rlim_max = RLIM_INFINITY};
	struct store_run run;
	char schedule[SCHEDULE_TEXT_MAX];

	put_point(store, sweep, 1);
	write_now(store);
	signal(SIGXFSZ, SIG_IGN);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint32_t n = 1; n < 20000; n++) {
		snprintf(schedule, sizeof(schedule), "%u,%u", n, n + 2);
		run = (struct store_run){.schedule = schedule};
		store_put_run(store, sweep, &run);
	}
	store->last_tick = 0;
	CU_ASSERT_EQUAL(store_tick(store), -1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(store_error(store));
	CU_ASSERT_PTR_NOT_NULL(strstr(store_error(store), path));
	CU_ASSERT_EQUAL(store_put_run(store, sweep, &run), -1);
	store_close(store);
	limit.rlim_cur = RLIM_INFINITY;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CU_ASSERT_EQUAL(number("SELECT count(*) FROM run"), 1);
	store = open_store();
	CU_ASSERT_TRUE(store_find_run(store, sweep, 0, "1", &run));
	store_close(store);
}

/* ---- words ---- */

static void test_words(void)
{
	char *words[] = {"--set", "a b", "", "line\nbreak", "back\\slash", "\xff"};
	char *text = store_words(words, 6), **again;
	unsigned count;

	again = store_words_split(text, &count);
	CU_ASSERT_EQUAL_FATAL(count, 6);
	for (unsigned i = 0; i < count; i++) {
		CU_ASSERT_STRING_EQUAL(again[i], words[i]);
		free(again[i]);
	}
	free(again);
	free(text);
}

static void test_hash(void)
{
	char one[STORE_HASH], two[STORE_HASH], *files[] = {path, path};
	unsigned which;

	write_file("abc", 3);
	CU_ASSERT_EQUAL(store_hash_files(files, 1, one, &which), 0);
	CU_ASSERT_EQUAL(strlen(one), STORE_HASH - 1);
	CU_ASSERT_EQUAL(store_hash_files(files, 2, two, &which), 0);
	CU_ASSERT_STRING_NOT_EQUAL(one, two);
	unlink(path);
	CU_ASSERT_EQUAL(store_hash_files(files, 1, one, &which), -2);
	CU_ASSERT_EQUAL(which, 0);
}

#define WITH_FILE(name)                       \
	static void name##_in_directory(void) \
	{                                     \
		set_up();                     \
		name();                       \
		tear_down();                  \
	}

WITH_FILE(test_runs)
WITH_FILE(test_growing)
WITH_FILE(test_fresh)
WITH_FILE(test_killed)
WITH_FILE(test_identity)
WITH_FILE(test_findings)
WITH_FILE(test_finished)
WITH_FILE(test_baseline)
WITH_FILE(test_busy)
WITH_FILE(test_no_database)
WITH_FILE(test_another_program)
WITH_FILE(test_another_version)
WITH_FILE(test_damaged)
WITH_FILE(test_missing_reader)
WITH_FILE(test_full)
WITH_FILE(test_hash)

CU_TestInfo store_tests[] = {
	{"runs in a row take one row", test_runs_in_directory},
	{"a row grows after it was written", test_growing_in_directory},
	{"points of an error path", test_fresh_in_directory},
	{"a killed supervisor", test_killed_in_directory},
	{"identity", test_identity_in_directory},
	{"a finding stands under its smallest schedule", test_findings_in_directory},
	{"a finished sweep", test_finished_in_directory},
	{"another baseline", test_baseline_in_directory},
	{"a tick does not wait", test_busy_in_directory},
	{"no database", test_no_database_in_directory},
	{"another program's database", test_another_program_in_directory},
	{"another version", test_another_version_in_directory},
	{"a damaged store", test_damaged_in_directory},
	{"a store that is not there", test_missing_reader_in_directory},
	{"a full disk", test_full_in_directory},
	{"words", test_words},
	{"hashes of files", test_hash_in_directory},
	CU_TEST_INFO_NULL,
};
