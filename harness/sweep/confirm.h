/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A finding is looked at twice: before it is told, its schedule is run once more in a process that has run nothing else.
 * What does not show again hangs on something outside the world, or on what a run before it left behind: it is still
 * told, but marked.
 */
#ifndef KFAIL_SWEEP_CONFIRM_H
#define KFAIL_SWEEP_CONFIRM_H

#include "sweep.h"

/* What the fresh process must know of the sweep. */
struct confirm {
	const struct target *target;
	const struct sweep_options *options;
	unsigned operation;	  /* that the finding belongs to */
	struct run_expect expect; /* its baseline's */
	const uint64_t *keys;	  /* what the baseline showed already */
	unsigned key_count;
	/* In which order the baselines took locks; of the baseline itself, those before it. */
	const struct lock_edge *edges;
	uint32_t edge_count, edges_before;
};

/* In the supervisor, whose process is clean: fork, run, compare. Takes as long as a run; one that hangs, as long as its time
 * limit. */
enum confirmation confirm_finding(const struct confirm *confirm, const struct finding *finding);

#endif
