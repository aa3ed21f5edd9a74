/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of the scenario (init, then exit; or operations in between) under one schedule, and what the judges say of it. Everything that a
 * sweep, a replay and a benchmark have in common.
 */
#ifndef KFAIL_SWEEP_RUN_H
#define KFAIL_SWEEP_RUN_H

#include "../inject/inject.h"
#include "target.h"

#define RUN_OPERATIONS_MAX 72 /* of a scenario, init and exit among them */

/* What the baseline showed, so that other runs can be compared with it. */
struct run_expect {
	bool known;
	int64_t result;	       /* of init, or of the operation that is swept */
	uint32_t points;       /* in it; by default in init and exit together */
	bool exit_dies;	       /* without any refusal: a retry need not ask again */
	const uint64_t *sites; /* run_site() of points 1..site_count */
	uint32_t site_count;
	const uint8_t *alive; /* judge_alive() when init, or the operation, returned */
	unsigned alive_count;
	bool gives_back; /* exit freed something that init had allocated and left alive */
	/* Of all operations of the scenario, as run_result.results; NULL: not known. */
	const int64_t *results;
};

struct run_options {
	unsigned timeout_ms; /* of the host's CPU time, for each operation */
	bool verbose;	     /* refusals in the kernel's format to standard error */
	uint8_t *alive;	     /* NULL, or room for run_result.alive_count; for the baseline */
	unsigned alive_max;
	bool record;	/* keep the points of this run, as for the baseline */
	bool trace;	/* this is the run to trace, if one is wanted (trace/tracing.h) */
	bool no_retry;	/* do not ask whether a failed init works when it is tried again */
	bool hide_user; /* the program's memory is out of reach of kernel code (program/hide.c) */
	bool unload;	/* end with the loader's unload path; for the baseline */
	bool canary;	/* after init, leak something (judge_plant_canary()) */
	bool rest; /* before the snapshot of an operation, what is due is done: runs need not do it each time */
	void (*beat)(void); /* NULL, or: called before each operation, as a sign of life */
};

struct run_result {
	bool died;     /* the world is lost: the process must be replaced */
	bool in_init;  /* with died: in init, or in the operation that is swept; not later */
	bool consumed; /* at least one request was refused, or an interrupt came */
	bool returned; /* it (init, the operation) returned */
	int64_t result;
	int64_t results
		[RUN_OPERATIONS_MAX]; /* of each operation from the swept one on; 0 for those before */
	uint32_t points;
	uint32_t interrupts; /* interrupt points */
	unsigned alive_count;
	bool gives_back; /* with room for alive: judge_gave_back() at the end */
	bool accused;	 /* something is wrong, and not only the kernel core's */
	struct finding *findings;
	unsigned finding_count;
	bool not_judged;
	struct not_judged
		why; /* with not_judged only: it is large, and not even cleared otherwise */
};

/* Once per process: the judges take the hooks and look through this target's eyes. */
void run_attach(const struct target *target);

/* Restore, run, judge. `expect` NULL: this is the baseline itself (points are recorded). Findings have kind,
 * schedule, id; replay is for the caller. */
void run_schedule(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, const struct schedule *schedule,
		  struct run_result *out);
void run_result_clear(struct run_result *result);

/*
 * Operations. Each is swept by itself: it has a baseline and points of its own. The default scenario (target->scenario is
 * NULL) is one operation, "init-exit"; so is a scenario that is swept as a whole ("whole"). Else they are "init", those of
 * the program or of the KUnit suite, and "exit" (not for a module that has none).
 */
unsigned run_operations(const struct target *target);
/* "init-exit", "use_foo": for reports. */
const char *run_scenario_name(const struct target *target);
/* Valid as long as the process. */
const char *run_operation_name(const struct target *target, unsigned i);

/*
 * In a process that is attached: bring the world to right before operation i, those before it without refusals, and make that
 * the snapshot; run_schedule() then runs operation i under its schedule, and what follows it. Operations can only
 * be prepared in ascending order in one process (i is the same again, or larger). 0; or -1: err (256 bytes) says why
 * operation i cannot be reached, so that it is not judged; the process is then of no further use.
 */
int run_prepare(const struct target *target, const struct run_options *options, unsigned i,
		char *err);

/* A number for what was asked at a point, the same in all processes of a sweep. */
uint64_t run_site(const struct refusal *point);

#endif
