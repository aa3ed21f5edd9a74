/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which way is cheaper for the points ahead: a run for each, or one pass that refuses each in a checkpoint of its own
 * (pass.h). The result is the same either way; this is about time only, and is measured, not guessed.
 *
 *	a run of its own    s + b * n            b: the baseline's time per point
 *	a row of r points   r * c + b * n        s, c: what is left of the measured time of trial runs
 *
 * so a row is worth its while when c + b * n / r < s + b * n. A worker tries both on the first points that it gets of an
 * operation. Operations with few points are not worth a trial.
 */
#ifndef KFAIL_SWEEP_COST_H
#define KFAIL_SWEEP_COST_H

#include "shared.h"

struct cost {
	bool row_only, single_only;
	bool timing;
	double per_point;	   /* b, in ns */
	double single, checkpoint; /* s, c: means, in ns */
	unsigned singles, checkpoints;
	uint32_t at;  /* the newest point */
	unsigned row; /* longest row that leaves work for the other workers */
};

/* A worker begins with an operation. */
void cost_begin(struct cost *cost, const struct target *target, const struct sweep_options *options,
		const struct baseline *base);
/* How many points the next row may have; 1: a run of its own. */
unsigned cost_row_length(const struct cost *cost);
/* Around a run, or a row of `count` points from `first` on. cost_start() is 0 when nothing is measured. */
uint64_t cost_start(const struct cost *cost);
void cost_single(struct cost *cost, uint64_t start, uint32_t n);
void cost_row(struct cost *cost, uint64_t start, uint32_t first, unsigned count);

#endif
