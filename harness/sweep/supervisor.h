/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the supervisor share:
 *
 *	supervisor.c   the loop: forking, burying, the net for those that are stuck
 *	listen.c       pipes become lines
 *	release.c      runs are counted, in the order of slots; the plan goes on
 *	durable.c      the store, and what a resumed sweep takes from it
 *	conclude.c     the result of the whole
 *	unrefused.c    which points nobody refused, and why
 */
#ifndef KFAIL_SWEEP_SUPERVISOR_H
#define KFAIL_SWEEP_SUPERVISOR_H

#include <sys/types.h>
#include "merge.h"
#include "plan.h"

#define ERR_MAX 256

struct process {
	pid_t pid; /* 0: none */
	int pipe;
	char *text; /* the line that is not complete yet */
	size_t used, room;
	uint32_t beats;	  /* at the last sign of life */
	double cpu, wall; /* clocks at that time */
	bool killed;	  /* by us: it was stuck */
};

struct supervisor {
	const struct target *target;
	const struct sweep_options *options;
	struct shared *shared;
	struct plan plan;
	struct merge merge;
	struct process processes[JOBS_MAX];
	unsigned jobs, alive, idle_deaths;
	unsigned baselines; /* released */
	bool planned;
	uint32_t released;  /* slots */
	uint32_t looked_up; /* slots that were looked for in the store */
	bool out_of_time;
	double start, shown;
	char *err;
	bool failed, refused; /* refused: because of what the user asked for */
};

/* Nothing can go on; `what` is the sentence if it is the first. */
void supervisor_fail(struct supervisor *s, const char *what);

/* listen.c: read what the workers say; calls bury() for each whose pipe is closed. */
void supervisor_listen(struct supervisor *s, void (*bury)(struct supervisor *s, unsigned index));

/* release.c: everything that is complete, in order. */
void supervisor_release(struct supervisor *s);

/* conclude.c */
/* The empty result of a sweep of this target. */
void result_begin(const struct target *target, const struct sweep_options *options,
		  struct sweep_result *out);
/* When all workers are gone; `seconds`: what it took. */
void supervisor_conclude(struct supervisor *s, double seconds);

/* unrefused.c: fill out->never_refused. */
void note_never_refused(struct supervisor *s);

#endif
