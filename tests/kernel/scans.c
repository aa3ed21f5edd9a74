// SPDX-License-Identifier: GPL-2.0-only
/*
 * What scans for unreferenced objects (harness/kmemleak) find of a module in kernel mode: behind its init, and behind its exit,
 * when its variables are no roots any more. Prints, for scripts to compare:
 *
 *	live SIZE COUNT		records of this size, as /sys/kernel/debug/kmemleak shows them
 *	gone SIZE COUNT
 *	objects N		that there are behind init
 *	unreferenced N		of these, whoever allocated them
 *	bytes N			that the scan has read
 *	us N			median of several scans
 *
 *	scans [all] MODULE.ko [-- param=value ...]	all: what the kernel itself allocated has records too
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../harness/inject/inject.h"
#include "../../harness/judge/judge.h"
#include "../../harness/kmemleak/kmemleak.h"
#include "../../harness/sweep/run.h"
#include "../../harness/sweep/scan.h"
#include "../../harness/world/world.h"

#define SIZES_MAX 64
#define TIMES	  15

struct tally {
	unsigned long size[SIZES_MAX];
	unsigned count[SIZES_MAX], n;
};

static void add_line(const char *text, void *arg)
{
	struct tally *t = arg;
	unsigned long addr, size;
	unsigned i = 0;

	if (sscanf(text, "unreferenced object 0x%lx (size %lu):", &addr, &size) != 2)
		return;
	while (i < t->n && t->size[i] != size)
		i++;
	if (i == SIZES_MAX)
		return;
	t->size[i] = size;
	t->count[i]++;
	if (i == t->n)
		t->n++;
}

static void print_tally(const char *when)
{
	struct tally t = {0};

	kml_show(add_line, &t);
	for (unsigned i = 0; i < t.n; i++)
		printf("%s %lu %u\n", when, t.size[i], t.count[i]);
}

static void stop(const char *what, const char *why)
{
	fprintf(stderr, "scans: %s: %s\n", what, why ? why : "?");
	exit(1);
}

static struct kml_scan scan(void)
{
	struct kml_scan result;

	if (!kml_scan(&result, NULL, NULL))
		stop("no scan", kml_unable());
	return result;
}

static void step(struct target *target, enum target_op op, const char *name)
{
	struct death death = {0};
	int64_t result;

	if (!target->call(op, &result, &death, 10000))
		stop(name, death.what);
	if (op != TARGET_SETTLE && result)
		stop(name, "it failed");
}

static int compare(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static long median_us(void)
{
	struct timespec from, to;
	long us[TIMES];

	for (int i = 0; i < TIMES; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		scan();
		clock_gettime(CLOCK_MONOTONIC, &to);
		us[i] = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
	}
	qsort(us, TIMES, sizeof(us[0]), compare);
	return us[TIMES / 2];
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && !strcmp(argv[1], "all");
	struct world_options options = {.modules = argv + 1 + all, .module_count = 1};
	const struct schedule none = {0};
	struct kml_scan first;
	struct target *target;
	char err[KF_ERR];

	if (argc < 2 + all)
		stop("usage", "scans [all] MODULE.ko [-- param=value ...]");
	if (argc > 2 + all) {
		options.params = argv + 3 + all;
		options.param_count = (unsigned)(argc - 3 - all);
	}
	if (world_prepare(&options, &target, err))
		stop("no world", err);
	scan_set(1, NULL);
	kml_report_all(all);
	run_attach(target);
	target->restore();
	inject_begin(&none, false);
	judge_begin();
	kml_begin();
	step(target, TARGET_INIT, "init");
	first = scan();
	print_tally("live");
	printf("objects %lu\nunreferenced %lu\nbytes %lu\nus %ld\n", first.objects,
	       first.unreferenced, first.bytes, median_us());
	step(target, TARGET_EXIT, "exit");
	step(target, TARGET_SETTLE, "settling");
	scan();
	print_tally("gone");
	return 0;
}
