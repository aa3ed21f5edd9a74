// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs per second of a sweep, all judges on, restore included, one worker: each point of the module
 * is refused REPEAT times. And beside it, in the same run, the way that needs no restore: a fresh
 * fork of the prepared process for each run.
 *
 *	runs kernel MODULE.ko [REPEAT]
 *	runs native SOURCE.c [REPEAT]
 *
 * Prints NAME=VALUE lines for run.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
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

int main(int argc, char **argv)
{
	struct sweep_options options = {.jobs = 1, .timeout_ms = 1000};
	struct sweep_result result;
	struct target *target;
	char err[256];
	double ms;

	if (argc < 3) {
		fprintf(stderr, "usage: runs kernel|native FILE [REPEAT]\n");
		return 2;
	}
	options.repeat = argc > 3 ? (unsigned)atoi(argv[3]) : 2000;
	if (prepare(argv[1], argv + 2, &target))
		return 1;
	ms = fork_per_run_ms(target, 50);
	if (sweep(target, &options, &result, err)) {
		fprintf(stderr, "runs: %s\n", err);
		return 1;
	}
	printf("runs_per_second=%.0f\n", result.runs_per_second);
	printf("points=%u\n", result.points);
	printf("findings=%u\n", result.finding_count);
	printf("fork_per_run_ms=%.2f\n", ms);
	printf("in_place_over_fork=%.0f\n", result.runs_per_second * ms / 1e3);
	return 0;
}
