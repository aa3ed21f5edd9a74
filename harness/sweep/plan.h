/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is run. A plan is a function of the baselines, the options and the results of runs, and of nothing else: not of
 * time, not of the number of workers.
 *
 *	1. candidates   every point of every operation, in order, in each mode that is asked for
 *	2. stacks       of those with one call stack, the first stands for all
 *	3. shallow      at most N of the rest, spread evenly, which ones by the seed
 *	4. shard        every n-th of the rest
 *	5. budget       the rest, beginning somewhere by the seed
 *	6. follow-ups   appended when the run that they come from is released, and runs are released in order
 *
 * The seed is a number that grows by one from day to day. A day's place among the points is the fractional part of seed
 * times the golden ratio: however many days have passed, these places lie spread as evenly as any can, so that D
 * days with a budget, or D shallow sweeps, leave no gap of more than about 2/D of the points unseen.
 */
#ifndef KFAIL_SWEEP_PLAN_H
#define KFAIL_SWEEP_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "../judge/finding.h"

struct shared;
struct slot;
struct sweep_options;
struct target;

enum {
	PLAN_SINGLE = 1,     /* each point alone */
	PLAN_PERSISTENT = 2, /* each point and all after it */
	PLAN_PAIRS = 4,	     /* each point and each later one of that run; contains PLAN_SINGLE */
};

enum plan_stacks {
	STACKS_AUTO, /* each distinct stack once, for operations with more than STACKS_ALL_MAX points */
	STACKS_ONCE,
	STACKS_ALL,
};

#define STACKS_ALL_MAX 5000
#define PLAN_DEPTH_MAX 16

/* How many points an operation is to have. */
struct expected_points {
	const char *operation; /* NULL: the only one */
	uint32_t low, high;
};

struct plan_options {
	unsigned modes; /* PLAN_*; 0: PLAN_SINGLE */
	unsigned
		depth; /* refusals of a run at most, those after the first on its error path; 0: 1 */
	enum plan_stacks stacks;
	unsigned stack_depth;	/* frames of the driver that tell stacks apart; 0: all */
	unsigned shallow;	/* at most so many first refusals; 0: no limit */
	uint64_t seed;		/* for shallow and budget */
	unsigned shard, shards; /* shard 1..shards; shards 0: all is ours */
	unsigned budget_s;	/* seconds; 0: no limit */
	bool interrupts; /* candidates are interrupt points (inject/interrupts.h), not requests */
	const struct expected_points *expected;
	unsigned expected_count;
};

/* Why a point of a baseline is not in the plan, or what became of it. */
enum point_fate {
	FATE_PLANNED,
	FATE_REFUSED,
	FATE_SAME_STACK,
	FATE_SHALLOW,
	FATE_SHARD,
};

struct plan {
	const struct sweep_options *options;
	struct shared *shared;
	uint32_t first_wave; /* slots that refuse nothing before their own point */
	uint32_t points;     /* refused in it; of schedules that were given, how many they are */
	uint32_t count;	     /* slots written */
	bool full;	     /* there was no room for more */
	struct operation_plan {
		uint8_t *fate;	     /* of points 1.. */
		uint32_t *stands;    /* with FATE_SAME_STACK: the point that was chosen */
		uint32_t same_stack; /* points left out for that reason */
	} * operations;
};

/* Do results of runs add to the plan? */
bool plan_grows(const struct sweep_options *options);
/* Must this run tell the points of its error path, or its interrupt points? */
bool plan_wants_fresh(const struct plan_options *options, const struct slot *slot);

/* When all baselines are done: write the first slots. They may be taken once shared->count says so. */
void plan_begin(struct plan *plan, const struct sweep_options *options, struct shared *shared);
/* When slot's run is released: append what follows from it. `fresh`: the points that exist only on its error path, as
 * ranges; NULL: none. */
void plan_follow(struct plan *plan, uint32_t slot, const char *fresh);
/* A released run in which the refusal took place. */
void plan_note_refused(struct plan *plan, uint32_t slot);
void plan_clear(struct plan *plan);

/* The plan as text, what is not as by default: "mode=single,pairs depth=3 shallow=25 seed=20778"; "": the default. A
 * shard and a budget are no part of it: they say how much of the plan is run. malloc()ed. */
char *plan_print(const struct plan_options *options);

#endif
