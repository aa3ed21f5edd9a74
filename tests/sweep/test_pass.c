// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes: whatever a driver does with a refusal, a pass must come to what runs of their own come to. Each test writes
 * both down, point by point, and compares.
 */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/native/include/kfail.h"
#include "../../harness/sweep/pass.h"

#define MANY  40
#define ALIVE 4

static DRIVER_DATA void *objects[MANY] = {NULL};
static DRIVER_DATA void *area = NULL;
static DRIVER_DATA struct kf_cache *cache = NULL;
static DRIVER_DATA void *nothing = NULL;

static struct run_options options = {.timeout_ms = 200};
static struct run_expect expect;

/* ---- drivers ---- */

DRIVER static void free_all(void)
{
	for (unsigned i = 0; i < MANY; i++) {
		kfree(objects[i]);
		STAY();
		objects[i] = NULL;
	}
}

/* Few are alive at a time; areas come and go; what was counted in the driver's own data decides. */
DRIVER static int64_t ring_init(void)
{
	for (unsigned i = 0; i < times(MANY); i++) {
		void *object = kmalloc(24 + i % 5 * 40, GFP_KERNEL);

		STAY();
		if (!object) {
			vfree(area);
			STAY();
			area = NULL;
			free_all();
			return ENOMEM_;
		}
		kfree(objects[i % ALIVE]);
		STAY();
		objects[i % ALIVE] = object;
		if (i % 7)
			continue;
		vfree(area);
		STAY();
		area = vmalloc(9000);
		STAY();
		if (!area) {
			free_all();
			return ENOMEM_;
		}
		memset(area, (int)i, 9000);
	}
	return 0;
}

DRIVER static void ring_exit(void)
{
	free_all();
	vfree(area);
	STAY();
}

static const struct fake_driver ring = {ring_init, ring_exit, NULL, NULL};

/* Leaks what it has, every third time; the others are absorbed; exit allocates too. */
DRIVER static int64_t sloppy_init(void)
{
	for (unsigned i = 0; i < times(MANY); i++) {
		objects[i] = kzalloc(64, GFP_KERNEL);
		STAY();
		if (objects[i] || i % 3)
			continue;
		objects[0] = NULL;
		free_all();
		return ENOMEM_;
	}
	return 0;
}

DRIVER static void sloppy_exit(void)
{
	void *last = kmalloc(500, GFP_KERNEL), *one = objects[1];

	STAY();
	free_all();
	if (last)
		kfree(last);
	STAY();
	if (!last)
		kfree(one);
	STAY();
}

static const struct fake_driver sloppy = {sloppy_init, sloppy_exit, NULL, NULL};

/* Double free, write behind the end, sleeping while atomic, unbalanced lock, a positive result: by point. */
DRIVER static int64_t buggy_init(void)
{
	int64_t result = ENOMEM_;

	for (unsigned i = 0; i < times(10); i++) {
		objects[i] = kmalloc(40, GFP_KERNEL);
		STAY();
		if (objects[i])
			continue;
		if (i == 3) {
			kfree(objects[0]);
			STAY();
		}
		if (i == 5)
			memset(objects[1], 7, 48);
		if (i == 6) {
			spin_lock();
			kfree(kmalloc(8, GFP_KERNEL));
			STAY();
			spin_unlock();
		}
		if (i == 7)
			result = 5;
		if (i == 8)
			result = 0;
		if (i == 9)
			spin_lock();
		free_all();
		return result;
	}
	return 0;
}

static const struct fake_driver buggy = {buggy_init, free_all, NULL, NULL};

/* Dies at some points: in init by a fault, by a loop; a cache cannot be destroyed while objects of it live. */
DRIVER static int64_t deadly_init(void)
{
	cache = kmem_cache_create("deadly", 56);
	STAY();
	if (!cache)
		return ENOMEM_;
	for (unsigned i = 0; i < times(6); i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		STAY();
		if (objects[i])
			continue;
		if (i == 2)
			put_byte(nothing);
		while (i == 4)
			STAY();
		kmem_cache_destroy(cache);
		STAY();
		return ENOMEM_;
	}
	return 0;
}

DRIVER static void deadly_exit(void)
{
	for (unsigned i = 0; i < 6; i++) {
		kmem_cache_free(cache, objects[i]);
		STAY();
	}
	kmem_cache_destroy(cache);
	STAY();
}

static const struct fake_driver deadly = {deadly_init, deadly_exit, NULL, NULL};

/* The program refuses requests itself, by a countdown that a refusal in between must not leave changed. */
DRIVER static int64_t counting_init(void)
{
	unsigned got = 0;

	for (unsigned i = 0; i < times(20); i++) {
		if (i % 8 == 3) {
			kfail_fail_nth(4);
			STAY();
		}
		objects[i] = kmalloc(64, GFP_KERNEL);
		STAY();
		got += objects[i] != NULL;
	}
	/* Two are the countdown's, at most one is the sweep's. */
	if (got >= 18)
		return 0;
	free_all();
	return ENOMEM_ - (int64_t)got;
}

static const struct fake_driver counting = {counting_init, free_all, NULL, NULL};

/* ---- both ways ---- */

static FILE *account;
static uint32_t reported, lost_at, stop_at;

static bool write_down(uint32_t n, struct run_result *r, void *arg)
{
	fprintf(account, "%u %d%d%d%d%d%d %lld %u\n", n, r->died, r->in_init, r->consumed,
		r->returned, r->accused, r->not_judged, (long long)r->result, r->points);
	for (unsigned i = 0; i < r->finding_count; i++) {
		char *json = finding_to_json(&r->findings[i]);

		fprintf(account, "%s\n", json);
		free(json);
	}
	CU_ASSERT_EQUAL(n, ++reported);
	if (r->died)
		lost_at = n;
	return n != stop_at;
}

static void run_alone(const struct target *target, uint32_t first, uint32_t last)
{
	for (uint32_t n = first; n <= last && !lost_at; n++) {
		struct schedule schedule = {.ranges = {{n, n}}, .count = 1};
		struct run_result result;

		run_schedule(target, &options, &expect, &schedule, &result);
		write_down(n, &result, NULL);
		run_result_clear(&result);
	}
}

static void run_in_pass(const struct target *target, uint32_t first, uint32_t last)
{
	uint32_t end = pass_run(target, &options, &expect, first, last, write_down, NULL);

	CU_ASSERT_EQUAL(end, lost_at ? lost_at : last);
}

/* In a process for each world that is lost; malloc()ed. */
static char *written(const struct fake_driver *driver, bool pass)
{
	const struct target *target = fake_target(driver);
	static char text[1 << 20];
	uint32_t next = 1;
	FILE *all = tmpfile();

	while (next <= expect.points) {
		int pipes[2], status;

		CU_ASSERT_EQUAL_FATAL(pipe(pipes), 0);
		fflush(NULL);
		if (!fork()) {
			account = all;
			reported = next - 1;
			lost_at = 0;
			if (target->adopt())
				_exit(2);
			run_attach(target);
			(pass ? run_in_pass : run_alone)(target, next, expect.points);
			fflush(all);
			next = reported + 1;
			if (write(pipes[1], &next, sizeof(next)) != sizeof(next) ||
			    CU_get_number_of_failures())
				_exit(3);
			_exit(0);
		}
		close(pipes[1]);
		wait(&status);
		CU_ASSERT_EQUAL_FATAL(status, 0);
		CU_ASSERT_EQUAL_FATAL(read(pipes[0], &next, sizeof(next)), sizeof(next));
		close(pipes[0]);
	}
	rewind(all);
	text[fread(text, 1, sizeof(text) - 1, all)] = '\0';
	fclose(all);
	return strdup(text);
}

static const char *compare(const struct fake_driver *driver)
{
	const struct sweep_options sweep_options = {.jobs = 1, .timeout_ms = 200};
	struct sweep_result baseline;
	static char *alone;
	char *together, err[256];

	CU_ASSERT_EQUAL_FATAL(
		sweep_baseline(fake_target(driver), &sweep_options, &expect, &baseline, err), 0);
	sweep_result_clear(&baseline);
	free(alone);
	alone = NULL;
	alone = written(driver, false);
	together = written(driver, true);
	CU_ASSERT_STRING_EQUAL(alone, together);
	free(together);
	return alone;
}

static void test_clean(void)
{
	const char *text = compare(&ring);

	CU_ASSERT_EQUAL(expect.points, MANY + MANY / 7 + 1);
	CU_ASSERT_PTR_NULL(strchr(text, '{'));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "46 001100 -12 46\n"));
}

static void test_leaks_and_absorbed(void)
{
	const char *text = compare(&sloppy);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"leak\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"double-free\""));
	/* Refused in exit. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "41 001110 0 41\n"));
}

static void test_kinds(void)
{
	const char *text = compare(&buggy);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"double-free\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"out-of-bounds\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"sleep-in-atomic\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"wrong-return\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"lock-imbalance\""));
}

static void test_deaths(void)
{
	const char *text = compare(&deadly);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"null-dereference\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"hang\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "kmem_cache_destroy() of"));
}

static void test_countdown(void)
{
	const char *text = compare(&counting);

	/* Request 7 is the countdown's in any case; when 5 is refused, the rest of the countdown goes on. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "1 001100 -29 20\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "5 001100 -29 20\n"));
}

/* The baseline promised more points than there are: each of the missing ones is a run that says so. */
static void test_missing_points(void)
{
	const struct sweep_options sweep_options = {.jobs = 1, .timeout_ms = 200};
	struct sweep_result baseline;
	char *alone, *together, err[256];

	CU_ASSERT_EQUAL_FATAL(
		sweep_baseline(fake_target(&ring), &sweep_options, &expect, &baseline, err), 0);
	sweep_result_clear(&baseline);
	expect.points += 2;
	alone = written(&ring, false);
	together = written(&ring, true);
	CU_ASSERT_STRING_EQUAL(alone, together);
	CU_ASSERT_PTR_NOT_NULL(strstr(alone, "request 48 was not made in this run"));
	free(alone);
	free(together);
}

/* The part of a pass is a pass: the worker that follows one that died begins in the middle. */
static void test_from_the_middle(void)
{
	const struct target *target = fake_target(&ring);
	int status;

	(void)compare(&ring);
	fflush(NULL);
	if (!fork()) {
		account = fopen("/dev/null", "w");
		reported = 19;
		if (target->adopt())
			_exit(2);
		run_attach(target);
		run_in_pass(target, 20, 25);
		_exit(reported != 25 || CU_get_number_of_failures());
	}
	wait(&status);
	CU_ASSERT_EQUAL(status, 0);
}

/* Who has the results may want no more of them, as when the time is up. Expect: the pass ends there, before the next point. */
static void test_ended_by_report(void)
{
	const struct target *target = fake_target(&ring);
	int status;

	(void)compare(&ring);
	fflush(NULL);
	if (!fork()) {
		account = fopen("/dev/null", "w");
		reported = 0;
		stop_at = 7;
		if (target->adopt())
			_exit(2);
		run_attach(target);
		CU_ASSERT_EQUAL(pass_run(target, &options, &expect, 1, 25, write_down, NULL), 7);
		_exit(reported != 7 || CU_get_number_of_failures());
	}
	wait(&status);
	CU_ASSERT_EQUAL(status, 0);
}

CU_TestInfo pass_tests[] = {
	{"clean driver", test_clean},
	{"leaks, and what is absorbed", test_leaks_and_absorbed},
	{"kinds of findings", test_kinds},
	{"deaths", test_deaths},
	{"a countdown of the program", test_countdown},
	{"points that are missing", test_missing_points},
	{"from the middle", test_from_the_middle},
	{"ended by who reports", test_ended_by_report},
	CU_TEST_INFO_NULL,
};
