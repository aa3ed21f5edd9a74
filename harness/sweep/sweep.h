/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sweep: the baseline, then a run for each point (or each schedule given), on several workers. Needs a
 * prepared target; the calling process is the one that workers are forked from, and stays clean.
 */
#ifndef KFAIL_SWEEP_SWEEP_H
#define KFAIL_SWEEP_SWEEP_H

#include "plan.h"
#include "run.h"
#include "../store/store.h"

struct sweep_progress {
	uint32_t done, total; /* runs */
	unsigned findings;
	double seconds;
};

/* Points in one pass through an operation, each refused in a checkpoint (pass.h), or a run for each. */
enum fork_at_point { FORK_AUTO, FORK_ALWAYS, FORK_NEVER };

struct sweep_options {
	unsigned jobs;	     /* workers at a time; 0: one per CPU */
	unsigned timeout_ms; /* for each operation */
	unsigned repeat;     /* run each schedule this often; 0: once */
	bool verbose;
	bool baseline_only;
	bool hide_user; /* run_options.hide_user in every run, not only in those without refusals */
	bool trace;	/* the one run that is asked for is to be traced */
	/* Run these, each in every operation, instead of every point of the baseline; NULL: every point. */
	const struct schedule *schedules;
	uint32_t schedule_count;
	struct plan_options plan;
	enum fork_at_point fork_at_point;
	/* A replay line is `replay`, " --schedule S", `replay_tail`. */
	const char *replay, *replay_tail;
	/* Where results go, and as which sweep (store_begin()); NULL, 0: nowhere. With `resume` its runs that are there
	 * already are not made again. */
	struct store *store;
	int64_t stored;
	bool resume;
	bool canary;  /* a leak of kfail's own must be found, or nothing is judged (judge.h) */
	bool confirm; /* run what stands for each bug once more, in a fresh process (confirm.h) */
	/* As it happens, in the order of schedules. Either may be NULL. */
	void (*found)(const struct finding *finding, unsigned number, void *arg);
	void (*progress)(const struct sweep_progress *progress, void *arg);
	void *arg;
};

#define SWEEP_REFUSED (-2) /* what is to be resumed cannot be resumed: err says why */

/* 0, with everything in *out (for sweep_result_clear()); or SWEEP_REFUSED, or -1: kfail itself failed, err (256 bytes) says
 * how. The result does not depend on the number of workers. */
int sweep(const struct target *target, const struct sweep_options *options,
	  struct sweep_result *out, char *err);

/* Is what the options say of operations true of this target? 0, or -1 (err, 256 bytes): wrong input. */
int sweep_check(const struct target *target, const struct sweep_options *options, char *err);

/* Run the baseline alone in a worker and keep what it showed, for run_schedule() in this process.
 * `sites` and what the judges know stay valid until the next call. 0, or -1 (err). */
int sweep_baseline(const struct target *target, const struct sweep_options *options,
		   struct run_expect *expect, struct sweep_result *out, char *err);

/* The active policy, for the head of a report (inject/policy.h); malloc()ed. */
char *sweep_policy(const struct target *target, const struct sweep_options *options);

/* The line that shows a finding with this schedule again; `operation` NULL: the scenario has only one. malloc()ed. */
char *sweep_replay_line(const struct sweep_options *options, const char *operation,
			const char *schedule);

#endif
