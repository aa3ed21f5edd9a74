/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which way is cheaper for the points ahead: a run for each, or one pass that refuses each in a checkpoint of its own
 * (pass.h). The result is the same either way; this is about time only, and is measured, not guessed.
 *
 *	a run of its own    s + b * n            b: the baseline's time per point
 *	a row of r points   r * c + b * n        s, c: what is left of the measured time of trial runs
 *
 * so a row is worth its while when c + b * n / r < s + b * n. A worker tries both on the first points that it gets of an
 * operation. Of several trials the quickest counts: the first ones pay for memory that is touched for the first time, and a
 * busy host makes some of them late. Time is the worker's CPU time. Operations with few points are not worth a trial.
 */
#ifndef KFAIL_SWEEP_COST_H
#define KFAIL_SWEEP_COST_H

#include "shared.h"

struct cost {
	bool row_only, single_only;
	double per_point;	       /* b, in ns */
	double single, checkpoint;     /* s, c, in ns */
	unsigned singles, checkpoints; /* trials made */
	uint32_t at;		       /* the newest point */
	unsigned row;		       /* longest row that leaves work for the other workers */
};

/* A worker begins with an operation. */
void cost_begin(struct cost *cost, const struct target *target, const struct sweep_options *options,
		const struct baseline *base);
/* How many points the next row may have; 1: a run of its own. */
unsigned cost_row_length(const struct cost *cost);
/* Before a run or a row: the time, in ns; 0 when nothing is measured. */
uint64_t cost_start(const struct cost *cost);
/* After a run that refused point n. */
void cost_single(struct cost *cost, uint64_t start, uint32_t n);
/* In a row: point n is done, and *start moves on to the next. `first`: it is the row's first, so the way to it is not
 * counted. */
void cost_point(struct cost *cost, uint64_t *start, uint32_t n, bool first);

#endif
