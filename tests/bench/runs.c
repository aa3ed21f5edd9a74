// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs per second of a sweep, all judges on, restore included: each point of the module is refused REPEAT times. Beside it,
 * in the same run:
 *
 *	- the way that needs no restore: a fresh fork of the prepared process for each run;
 *	- two workers instead of one, in turns with one, the best of three: other load on the machine hits both;
 *	- how the time of a run divides. The target's functions are put behind others that read the time stamp counter.
 *	  Judging is what they leave; what judges do while the driver runs (stacks, the journal) is part of the operation.
 *
 *	runs kernel MODULE.ko [REPEAT]
 *	runs native SOURCE.c [REPEAT]
 *
 * Prints NAME=VALUE lines for run.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include "../../harness/native/native.h"
#include "../../harness/sweep/sweep.h"
#include "../../harness/world/world.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static int prepare(const char *mode, char **file, struct target **target)
{
	char err[KF_ERR];
	int failed;

	if (!strcmp(mode, "native")) {
		failed = native_prepare(file[0], NULL, 0, target, err);
	} else {
		struct world_options options = {.modules = file, .module_count = 1};

		failed = world_prepare(&options, target, err);
	}
	if (failed)
		fprintf(stderr, "runs: %s\n", err);
	return failed;
}

static void one_run_in_child(const struct target *target)
{
	const struct run_options options = {.timeout_ms = 1000};
	struct schedule schedule = {0};
	struct run_result result;

	if (target->adopt && target->adopt())
		_exit(1);
	run_attach(target);
	run_schedule(target, &options, NULL, &schedule, &result);
	_exit(result.accused);
}

/* Milliseconds for one run in a process of its own. */
static double fork_per_run_ms(const struct target *target, unsigned runs)
{
	double start = now();
	unsigned i;
	int status;

	for (i = 0; i < runs; i++) {
		pid_t child = fork();

		if (!child)
			one_run_in_child(target);
		waitpid(child, &status, 0);
	}
	return (now() - start) * 1e3 / runs;
}

/* ---- how the time divides ---- */

enum { RESTORING, OPERATING, LOOKING, TOTAL, PHASES };

static struct {
	const struct target *target;
	uint64_t began;	      /* the run that goes on */
	uint64_t now[PHASES]; /* cycles of that run, by phase */
	uint64_t *spent;      /* and of all that came to an end; shared with the worker */
} timed;

static void spend(int phase, uint64_t since)
{
	timed.now[phase] += __rdtsc() - since;
}

/* The first run of a worker has no beginning, and the last one, if it died, no end: they are left out. */
static void end_run(void)
{
	if (timed.began)
		spend(TOTAL, timed.began);
	for (int i = 0; i < PHASES; i++)
		timed.spent[i] += timed.began ? timed.now[i] : 0;
	memset(timed.now, 0, sizeof(timed.now));
}

/* The first thing in a run: the one before ends here. */
static void timed_restore(void)
{
	uint64_t start;

	end_run();
	timed.began = start = __rdtsc();
	timed.target->restore();
	spend(RESTORING, start);
}

static bool timed_call(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms)
{
	uint64_t start = __rdtsc();
	bool lived = timed.target->call(op, result, death, timeout_ms);

	spend(OPERATING, start);
	return lived;
}

static void timed_dangling(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
			   void *arg)
{
	uint64_t start = __rdtsc();

	timed.target->dangling(fn, arg);
	spend(LOOKING, start);
}

static struct target time_target(const struct target *target)
{
	struct target copy = *target;

	timed.target = target;
	timed.spent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	copy.restore = timed_restore;
	copy.call = timed_call;
	if (copy.dangling)
		copy.dangling = timed_dangling;
	return copy;
}

/* Percent of a run. Looking for what still points into the module is judging, and so is all that no function was called for. */
static void print_phases(double runs_per_second)
{
	double total = timed.spent[TOTAL] ? (double)timed.spent[TOTAL] : 1;
	double restore = 100 * timed.spent[RESTORING] / total;
	double operation = 100 * timed.spent[OPERATING] / total;

	printf("restore_percent=%.0f\n", restore);
	printf("operation_percent=%.0f\n", operation);
	printf("looking_percent=%.0f\n", 100 * timed.spent[LOOKING] / total);
	printf("judging_percent=%.0f\n", 100 - restore - operation);
	printf("judging_us=%.1f\n", (100 - restore - operation) * 1e4 / runs_per_second);
}

/* ---- the whole ---- */

static double sweep_speed(const struct target *target, struct sweep_options *options, unsigned jobs,
			  struct sweep_result *result)
{
	char err[256];

	options->jobs = jobs;
	if (sweep(target, options, result, err)) {
		fprintf(stderr, "runs: %s\n", err);
		exit(1);
	}
	return result->runs_per_second;
}

static double best(double a, double b)
{
	return a > b ? a : b;
}

int main(int argc, char **argv)
{
	struct sweep_options options = {.timeout_ms = 1000};
	struct sweep_result result;
	struct target *target, copy;
	double ms, one = 0, two = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: runs kernel|native FILE [REPEAT]\n");
		return 2;
	}
	options.repeat = argc > 3 ? (unsigned)atoi(argv[3]) : 2000;
	if (prepare(argv[1], argv + 2, &target))
		return 1;
	ms = fork_per_run_ms(target, 50);
	for (int i = 0; i < 3; i++) {
		two = best(two, sweep_speed(target, &options, 2, &result));
		sweep_result_clear(&result);
		one = best(one, sweep_speed(target, &options, 1, &result));
		if (i < 2)
			sweep_result_clear(&result);
	}
	printf("runs_per_second=%.0f\n", one);
	printf("points=%u\n", result.points);
	printf("findings=%u\n", result.finding_count);
	printf("fork_per_run_ms=%.2f\n", ms);
	printf("in_place_over_fork=%.0f\n", one * ms / 1e3);
	printf("two_workers=%.0f\n", two);
	printf("two_over_one=%.2f\n", two / one);
	copy = time_target(target);
	print_phases(sweep_speed(&copy, &options, 1, &result));
	return 0;
}
