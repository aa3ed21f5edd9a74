/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the courses of a run share: run.c has the one of init and exit, scenario.c those with operations in between.
 */
#ifndef KFAIL_SWEEP_COURSE_H
#define KFAIL_SWEEP_COURSE_H

#include "run.h"
#include "scenario.h"

#define ERRNO_MAX 4095

struct run {
	const struct target *target;
	const struct run_options *options;
	const struct run_expect *expect; /* NULL: this is the baseline */
	struct run_result *out;
	bool broken; /* an operation behind the swept one does not work any more, and it is told */
	bool sweeping; /* what runs now is what is swept, not what comes behind it */
};

/* The run cannot be judged, and why; the first reason counts. */
void run_not_judged(struct run *run, const char *why, uint32_t stack);
/* The world is lost. */
void run_died(struct run *run, const struct death *death, const char *name);
/* An operation of the target. True: it came back, and in the context that it was called in. */
bool run_operate(struct run *run, enum target_op op, const char *name, int64_t *result);
/* Let the world come to rest and look what is left. True: nothing that the driver must answer for. */
bool run_rest(struct run *run, const char *when, bool refused);
/* Is that how an init ends? */
void run_check_init(const struct run *run, int64_t result);
/* The module as it was loaded, and its init once more, without refusals. True: it succeeded. */
bool run_init_again(struct run *run, int64_t *result);
/* "-ENOMEM", or a number. Returns buf. */
const char *run_errno_text(int64_t result, char *buf, size_t size);

/* kunit.c: around a run; failed cases are told to the judges. `suites_ran`: the run was to have some. */
void kunit_begin(void);
void kunit_end(struct run *run, bool suites_ran);

/* scenario.c: the course of target->scenario. */
void scenario_course(struct run *run);
/* The operation that is swept, for findings; NULL: there is only one, without a name. */
const char *scenario_swept(const struct target *target);

#endif
