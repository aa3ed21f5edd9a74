// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the time of a full sweep of single points grows with their number: a run of its own for each point ("in place"), and
 * passes ("fork at the point", sweep/pass.h). One worker, all judges on, restore included.
 *
 *	scale kernel|native MODULE POINTS [noretry]
 *
 * The module takes its number of allocations as parameter `allocations` (tests/drivers/many.c). Runs of their own
 * take POINTS^2 / 2 requests together, so from 10^4 points on they are measured on SAMPLE points, spread evenly, and
 * extrapolated. Prints NAME=VALUE lines for scale.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../harness/native/native.h"
#include "../../harness/sweep/checkpoint.h"
#include "../../harness/sweep/pass.h"
#include "../../harness/snapshot/snapshot.h"
#include "../../harness/sweep/sweep.h"
#include "../../harness/world/world.h"

#define SAMPLE	   50
#define FORKS	   20
#define TIMEOUT_MS 60000

static struct run_options run_options = {.timeout_ms = TIMEOUT_MS};
static struct run_expect expect;
static uint32_t unclean; /* runs that were not as they should be */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static int prepare(const char *mode, char *file, const char *points, struct target **target)
{
	char param[64], err[KF_ERR], *params = param;
	struct world_options options = {
		.modules = &file, .module_count = 1, .params = &params, .param_count = 1};
	int failed;

	snprintf(param, sizeof(param), "allocations=%s", points);
	failed = !strcmp(mode, "native") ? native_prepare(file, &params, 1, target, err)
					 : world_prepare(&options, target, err);
	if (failed)
		fprintf(stderr, "scale: %s\n", err);
	return failed;
}

static bool count(uint32_t n, struct run_result *result, void *arg)
{
	uint32_t *runs = arg;

	++*runs;
	if (result->accused || result->not_judged || result->died || !result->consumed ||
	    result->points != n)
		unclean++;
	return true;
}

static void run_singly(const struct target *target, uint32_t n)
{
	struct schedule schedule = {.ranges = {{n, n}}, .count = 1};
	struct run_result result;
	uint32_t ignored = 0;

	run_schedule(target, &run_options, &expect, &schedule, &result);
	count(n, &result, &ignored);
	run_result_clear(&result);
}

/* Seconds for all points, each in a run of its own. */
static double in_place(const struct target *target)
{
	uint32_t n, all = expect.points, runs = all < 10000 ? all : SAMPLE;
	double start = now();

	for (n = 0; n < runs; n++)
		run_singly(target, (uint32_t)((uint64_t)n * all / runs) + 1);
	return (now() - start) / runs * all;
}

/* Microseconds for restore, error path and judging, hardly anything before the point. */
static double error_path_us(const struct target *target)
{
	uint32_t n, runs = 500;
	double start = now();

	for (n = 0; n < runs; n++)
		run_singly(target, n % 20 + 1);
	return (now() - start) * 1e6 / runs;
}

static double passes(const struct target *target)
{
	double start = now();
	uint32_t runs = 0;

	pass_run(target, &run_options, &expect, 1, expect.points, count, &runs);
	unclean += runs != expect.points;
	return now() - start;
}

/* ---- the third way: a process of its own, forked where the request is made ---- */

static struct {
	uint32_t every;
	unsigned count;
	double seconds;
	bool child;
} forks;

static bool fork_here(uint32_t n)
{
	double start = now();
	int status = 1;
	pid_t pid;

	if (n % forks.every)
		return false;
	pid = fork();
	if (!pid) {
		inject_choose(NULL);
		forks.child = true;
		if (kf_memory_unshare())
			_exit(1);
		return true;
	}
	waitpid(pid, &status, 0);
	unclean += status != 0;
	forks.seconds += now() - start;
	forks.count++;
	return false;
}

/* Microseconds for a point: fork, its error path, its end. */
static double fork_us(const struct target *target)
{
	struct schedule none = {0};
	struct run_result result;

	forks.every = expect.points / FORKS;
	inject_choose(fork_here);
	run_schedule(target, &run_options, &expect, &none, &result);
	if (forks.child)
		_exit(result.accused || result.not_judged || !result.consumed);
	inject_choose(NULL);
	run_result_clear(&result);
	return forks.seconds * 1e6 / forks.count;
}

/* A checkpoint, taken and returned to, by itself: the best of a few. */
static double checkpoint_us(void)
{
	double best = 1;

	for (unsigned i = 0; i < 5; i++) {
		double start = now(), took;

		checkpoint_try();
		took = now() - start;
		best = took < best ? took : best;
	}
	return best * 1e6;
}

static int measure(const struct target *target)
{
	double error_path, alone, together, forked;
	uint32_t all = expect.points;

	if (target->adopt && target->adopt())
		return 1;
	run_attach(target);
	run_singly(target, all); /* pages become hot */
	error_path = error_path_us(target);
	alone = in_place(target);
	together = passes(target);
	forked = fork_us(target);
	target->restore();
	printf("points=%u\n", all);
	printf("hot_pages=%u\n", snapshot_hot_pages());
	printf("error_path_us=%.1f\n", error_path);
	printf("in_place_s=%.3f\n", alone);
	printf("pass_s=%.3f\n", together);
	printf("pass_us_per_point=%.1f\n", together * 1e6 / all);
	printf("checkpoint_us=%.1f\n", checkpoint_us());
	printf("fork_us_per_point=%.0f\n", forked);
	printf("in_place_over_pass=%.1f\n", alone / together);
	printf("fork_over_pass=%.1f\n", forked / (together * 1e6 / all));
	printf("unclean=%u\n", unclean);
	return unclean != 0;
}

int main(int argc, char **argv)
{
	const struct sweep_options options = {.jobs = 1, .timeout_ms = TIMEOUT_MS};
	struct sweep_result baseline;
	struct target *target;
	char err[256];

	if (argc < 4) {
		fprintf(stderr, "usage: scale kernel|native MODULE POINTS [noretry]\n");
		return 2;
	}
	run_options.no_retry = argc > 4;
	if (prepare(argv[1], argv[2], argv[3], &target))
		return 1;
	if (sweep_baseline(target, &options, &expect, &baseline, err)) {
		fprintf(stderr, "scale: %s\n", err);
		return 1;
	}
	return measure(target);
}
