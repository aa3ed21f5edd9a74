// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs planted on every unwind label of a driver, one at a time: is each found, in each of many sweeps? The driver's
 * source takes -DPLANTED=N, N from 1 to LABELS: the label of its allocation number N forgets it; 0: none does, and nothing
 * may be found.
 *
 *	planted SOURCE.c LABELS SWEEPS
 *
 * Prints NAME=VALUE lines. Exit status 0: each bug was found in each sweep, and without one there was no finding.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/native/native.h"
#include "../../harness/sweep/sweep.h"

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

/* Every refusal behind allocation number `planted` reaches its label: all of them must be accused, and no other. */
static bool is_found(const struct sweep_result *r, unsigned planted)
{
	return r->status == SWEEP_FINDINGS && r->finding_count && !r->not_judged_count &&
	       r->injected - r->absorbed - r->clean == r->points - planted;
}

/* In a process of its own: the sweeps of one variant, the number of workers changing. True: all as they should be. */
static bool sweeps_right(const char *source, unsigned planted, unsigned sweeps)
{
	struct sweep_options options = {.timeout_ms = 1000};
	struct sweep_result result;
	struct target *target;
	char err[256], flags[32];
	unsigned right = 0;

	snprintf(flags, sizeof(flags), "-DPLANTED=%u", planted);
	setenv("KFAIL_CFLAGS", flags, 1);
	if (native_prepare(source, NULL, 0, &target, err)) {
		fprintf(stderr, "planted: %s\n", err);
		return false;
	}
	for (unsigned i = 0; i < sweeps; i++) {
		options.jobs = 1 + i % 3;
		if (sweep(target, &options, &result, err))
			break;
		right += planted ? is_found(&result, planted) : result.status == SWEEP_CLEAN;
		sweep_result_clear(&result);
	}
	native_cleanup();
	if (right < sweeps)
		fprintf(stderr, "planted: label %u: %u of %u sweeps were right\n", planted, right,
			sweeps);
	return right == sweeps;
}

static bool in_child(const char *source, unsigned planted, unsigned sweeps)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (!child)
		_exit(!sweeps_right(source, planted, sweeps));
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

int main(int argc, char **argv)
{
	unsigned labels, sweeps, found = 0;
	bool clean;

	if (argc != 4) {
		fprintf(stderr, "usage: planted SOURCE.c LABELS SWEEPS\n");
		return 2;
	}
	labels = number(argv[2]);
	sweeps = number(argv[3]);
	clean = in_child(argv[1], 0, sweeps);
	for (unsigned i = 1; i <= labels; i++)
		found += in_child(argv[1], i, sweeps);
	printf("labels=%u\nfound=%u\nsweeps=%u\nclean=%u\n", labels, found, sweeps, clean);
	return clean && found == labels ? 0 : 1;
}
