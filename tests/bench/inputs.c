// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many inputs a second a fuzz target takes in one process, without AFL++; and when each gets a process of its own:
 *
 *	inputs TARGET SECONDS FILE...	prints "inputs N" and "forked N": a second, over all FILEs in turn
 *
 * The ratio of the two is what restoring in place is worth. tests/bench/fuzz.sh adds what AFL++ makes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../fuzz/engine/engine.h"
#include "../../harness/trace/util.h"

struct input {
	uint8_t *data;
	size_t size;
};

static const struct fuzz_target *target;
static struct input *inputs;
static unsigned count;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(const struct input *input)
{
	struct fuzz_outcome outcome = {0};

	target->run(input->data, input->size, false, &outcome);
	if (outcome.count) {
		fprintf(stderr, "inputs: a finding: %s\n", outcome.findings[0].what);
		exit(1);
	}
	fuzz_outcome_clear(&outcome);
}

static void in_a_child(const struct input *input)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (target->adopt && target->adopt())
			_exit(4);
		run(input);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "inputs: a child failed\n");
		exit(1);
	}
}

static double measure(void (*fn)(const struct input *input), double seconds)
{
	double start = now(), end;
	unsigned long n = 0;

	do
		for (unsigned i = 0; i < count; i++, n++)
			fn(&inputs[i]);
	while ((end = now()) < start + seconds);
	return (double)n / (end - start);
}

int main(int argc, char **argv)
{
	const struct fuzz_setup setup = {.settings = NULL};
	char err[FUZZ_ERR];
	double seconds, alone;

	if (argc < 4)
		return fprintf(stderr, "usage: inputs TARGET SECONDS FILE...\n"), 2;
	target = fuzz_target_find(argv[1]);
	seconds = atof(argv[2]);
	if (!target || fuzz_open(target, &setup, err))
		return fprintf(stderr, "inputs: %s cannot be opened\n", argv[1]), 2;
	inputs = xcalloc((size_t)argc, sizeof(*inputs));
	for (int i = 3; i < argc; i++, count++) {
		inputs[count].data = fuzz_load(target, argv[i], &inputs[count].size, err);
		if (!inputs[count].data)
			return fprintf(stderr, "inputs: %s\n", err), 2;
	}
	measure(run, 0); /* pages that are written for the first time */
	alone = measure(run, seconds);
	printf("inputs %.0f\n", alone);
	printf("forked %.0f\n", measure(in_a_child, seconds));
	return 0;
}
