/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of a worker share. All of it is one process's own.
 */
#ifndef KFAIL_SWEEP_WORKER_H
#define KFAIL_SWEEP_WORKER_H

#include "cost.h"
#include "shared.h"

struct worker {
	const struct target *target;
	const struct sweep_options *options;
	struct shared *shared;
	struct worker_cell *cell;
	unsigned index;
	int pipe;
	struct run_options run;
	/* The world stands right before `operation`; it only ever goes on to later ones. */
	bool placed;
	unsigned operation;
	bool ready; /* what follows here, and what the judges know, is that operation's */
	struct run_expect expect; /* of that operation */
	struct cost cost;	  /* of its runs */
};

/* baseline.c: run the baselines that are not done yet, in order. */
void worker_baselines(struct worker *worker);

/* worker.c */
/* Bring the world to right before an operation. 0 or -1 (err, 256 bytes). */
int worker_prepare(struct worker *worker, unsigned operation, char *err);
/* One line for the supervisor; frees `text`. */
void worker_send(struct worker *worker, uint32_t slot, char kind, char *text);
/* All that a run came to, as lines; how many. */
uint16_t worker_send_result(struct worker *worker, uint32_t slot, struct run_result *result);
/* "Not judged" for a slot or baseline that was not run; 1 (a line). */
uint16_t worker_send_unable(struct worker *worker, uint32_t slot, const char *why);
/* Let the supervisor look: nothing else is to be said. */
void worker_ring(struct worker *worker);
/* The world is lost, and with it this process. */
_Noreturn void worker_leave(struct worker *worker);

#endif
