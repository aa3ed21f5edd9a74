// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs per second of a driver as a fuzz target, without AFL++: all judges on, restored after each, in one process. Of CPU time, so
 * that other load on the machine does not count.
 *
 *	fuzz_driver DRIVER.ko|DRIVER.c INPUT.kfuzz [RUNS]
 *
 * Prints NAME=VALUE lines for run.sh: inputs per second with the input, and with one that makes no call (the driver's exit,
 * the settling of the world, the judges and the restore are all that is left then).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../fuzz/driver/driver.h"
#include "../../fuzz/engine/engine.h"
#include "../../harness/native/native.h"
#include "../../harness/world/world.h"

#define WARM 200

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int prepare(char *file, struct target **target, char *err)
{
	const struct world_options options = {
		.modules = &file, .module_count = 1, .coverage = true};
	size_t n = strlen(file);

	if (strcmp(file + n - 2, ".c") != 0)
		return world_prepare(&options, target, err);
	native_instrument(&(struct native_instrumentation){.coverage = true});
	return native_prepare(file, NULL, 0, target, err);
}

/* Inputs per second; 0: one of them was not clean. */
static double measure(const uint8_t *data, size_t size, unsigned runs)
{
	struct fuzz_outcome outcome = {0};
	double start = 0;

	for (unsigned i = 0; i < WARM + runs; i++) {
		if (i == WARM)
			start = cpu_seconds();
		driver_target.run(data, size, false, &outcome);
		if (!outcome.count && !outcome.not_judged)
			continue;
		fprintf(stderr, "fuzz_driver: the input shows something: %s\n",
			outcome.count ? outcome.findings[0].what : outcome.not_judged);
		return 0;
	}
	return runs / (cpu_seconds() - start);
}

int main(int argc, char **argv)
{
	struct driver_options options = {.timeout_ms = 2000};
	unsigned runs = argc > 3 ? (unsigned)atoi(argv[3]) : 2000;
	struct target *target;
	char err[FUZZ_ERR] = "";
	uint8_t *data;
	size_t size;
	double speed;

	if (argc < 3)
		return 2;
	driver_edges_open(false);
	options.object = argv[1];
	if (prepare(argv[1], &target, err)) {
		fprintf(stderr, "fuzz_driver: %s\n", err);
		return 1;
	}
	if (!strcmp(target->kernel, "native"))
		options.object = native_object();
	if (driver_attach(target, &options, err) ||
	    !(data = fuzz_load(&driver_target, argv[2], &size, err))) {
		fprintf(stderr, "fuzz_driver: %s\n", err);
		return 1;
	}
	if (driver_target.adopt())
		return 1;
	speed = measure(data, size, runs);
	printf("inputs_per_second=%.0f\n", speed);
	printf("empty_inputs_per_second=%.0f\n", measure(NULL, 0, runs));
	free(data);
	return speed ? 0 : 1;
}
