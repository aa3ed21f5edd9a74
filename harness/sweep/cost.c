// SPDX-License-Identifier: GPL-2.0-only
/* The measured choice between runs and rows; see cost.h for the model. */
#include "cost.h"

#include <time.h>
#include <unistd.h>
#include "pass.h"

#define TRIALS	   16  /* runs, and points in rows, that are measured */
#define POINTS_MIN 256 /* below: no trial, each point has a run of its own */
#define ROW_MIN	   16
#define ROW_MAX	   4096

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Several rows for each worker, so that none is idle at the end for long. */
static unsigned row_for(const struct sweep_options *options, const struct baseline *base)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = options->jobs ? options->jobs : cpus > 0 ? (unsigned)cpus : 1;
	uint64_t row = base->points / (4 * jobs);

	return row < ROW_MIN ? ROW_MIN : row > ROW_MAX ? ROW_MAX : (unsigned)row;
}

/* What a pass cannot do: show the points of an error path, or refuse more than one. */
static bool rows_possible(const struct sweep_options *options)
{
	const struct plan_options *plan = &options->plan;

	return plan->depth < 2 && !(plan->modes & PLAN_PAIRS) && !options->schedules;
}

void cost_begin(struct cost *cost, const struct target *target, const struct sweep_options *options,
		const struct baseline *base)
{
	*cost = (struct cost){.row = row_for(options, base)};
	if (options->fork_at_point == FORK_NEVER || options->hide_user || !rows_possible(options))
		cost->single_only = true;
	else if (options->fork_at_point == FORK_ALWAYS)
		cost->row_only = true;
	else if (base->points < POINTS_MIN || pass_unable(target))
		cost->single_only = true;
	cost->per_point = base->points ? (double)base->ns / base->points : 0;
}

unsigned cost_row_length(const struct cost *cost)
{
	double n = cost->at;

	if (cost->single_only || !cost->row)
		return 1;
	if (cost->row_only)
		return cost->row;
	if (cost->singles < TRIALS)
		return 1;
	if (cost->checkpoints < TRIALS)
		return TRIALS;
	return cost->checkpoint + cost->per_point * n / cost->row <
			       cost->single + cost->per_point * n
		       ? cost->row
		       : 1;
}

static bool measures(const struct cost *cost)
{
	return !cost->single_only && !cost->row_only &&
	       (cost->singles < TRIALS || cost->checkpoints < TRIALS);
}

uint64_t cost_start(const struct cost *cost)
{
	return measures(cost) ? now_ns() : 0;
}

/* The quickest of several. */
static void note(double *quickest, unsigned *trials, double ns)
{
	if (!(*trials)++ || ns < *quickest)
		*quickest = ns > 0 ? ns : 0;
}

void cost_single(struct cost *cost, uint64_t start, uint32_t n)
{
	cost->at = n;
	if (start)
		note(&cost->single, &cost->singles,
		     (double)(now_ns() - start) - cost->per_point * n);
}

void cost_point(struct cost *cost, uint64_t *start, uint32_t n, bool first)
{
	uint64_t now;

	cost->at = n;
	if (!*start)
		return;
	now = now_ns();
	if (!first)
		note(&cost->checkpoint, &cost->checkpoints, (double)(now - *start));
	*start = now;
}
