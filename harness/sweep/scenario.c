// SPDX-License-Identifier: GPL-2.0-only
/*
 * The course of a run whose scenario has operations:
 *
 *	 0	init, and everybody is told that the module is live
 *	 1..n	those of the program (setup, operation, check, teardown), or the KUnit suites
 *	 n+1	exit, when the program's files are closed
 *
 *	prepare(i):   0 .. i-1 without refusals, setup of i, snapshot
 *	a run of i:   restore, i --+-- died, or its program ended ------------------------> verdict
 *	                           +-- < 0: is that a proper failure? the same again,
 *	                           |        without refusals, must succeed -+
 *	                           +-- >= 0 --------------------------------+
 *	                               check, teardown, i+1 .. n, exit, settle,
 *	                               is anything left? ------------------------------> verdict
 *
 * Requests are refused in i alone. What is open between operations is no leak: accounts are settled behind exit,
 * and what the operations before i have allocated is on them too (judge_keep()). A failure of i that breaks something
 * for later is therefore found at the end of the run of i, and carries its name.
 *
 * Operations that are left out (--without) do not take place at all, nor do their setup, check and teardown. The
 * scenario's own setup comes before the first that is left, its teardown behind the last.
 *
 * As a whole, all of it is one operation: requests are refused everywhere, and the first operation that fails is
 * the last one, as in a program that gives up: what follows is the end of the program, and exit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../program/program.h"
#include "../trace/tracing.h"
#include "../trace/util.h"
#include "course.h"
#include "scan.h"

#define PROGRAM_REGIONS 16

/* The operation that the snapshot of this process lies before. */
static unsigned at;

/* ---- which operations there are ---- */

static unsigned middle(const struct target *target)
{
	if (target->scenario->kind == SCENARIO_PROGRAM)
		return program_operations();
	return target->kunit == KUNIT_WHEN_LIVE;
}

static unsigned operations(const struct target *target)
{
	return 1 + middle(target) + !target->permanent;
}

static bool is_exit(const struct target *target, unsigned i)
{
	return i == middle(target) + 1;
}

static bool is_left_out(const struct target *target, unsigned i)
{
	return i && !is_exit(target, i) && target->scenario->without >> (i - 1) & 1;
}

/* The first of the program that takes place; what is none of the program's when there is none. */
static unsigned first_of_program(const struct target *target)
{
	unsigned i = 1;

	while (is_left_out(target, i))
		i++;
	return i;
}

unsigned scenario_program_operations(const struct target *target)
{
	return target->scenario && target->scenario->kind == SCENARIO_PROGRAM ? middle(target) : 0;
}

static const char *name_of(const struct target *target, unsigned i)
{
	if (!i)
		return "init";
	if (is_exit(target, i))
		return "exit";
	return target->scenario->kind == SCENARIO_PROGRAM ? program_operation_name(i - 1) : "suite";
}

int scenario_find(const struct target *target, const char *name, char *names, size_t size)
{
	int found = -1;
	size_t used = 0;

	for (unsigned i = 0; i < operations(target); i++) {
		if (!strcmp(name_of(target, i), name))
			found = (int)i;
		if (used < size)
			used += (size_t)snprintf(names + used, size - used, "%s%s", i ? ", " : "",
						 name_of(target, i));
	}
	return found;
}

unsigned run_operations(const struct target *target)
{
	const struct scenario *scenario = target->scenario;

	if (!scenario || scenario->whole || scenario->only >= 0)
		return 1;
	return operations(target) - (unsigned)__builtin_popcountll(scenario->without);
}

/* The i-th that is swept, among all. */
static unsigned number_of(const struct target *target, unsigned i)
{
	unsigned number = 0;

	if (target->scenario->only >= 0)
		return (unsigned)target->scenario->only;
	for (; is_left_out(target, number) || i--; number++)
		continue;
	return number;
}

const char *run_operation_name(const struct target *target, unsigned i)
{
	if (!target->scenario)
		return "init-exit";
	return target->scenario->whole ? "whole" : name_of(target, number_of(target, i));
}

const char *run_scenario_name(const struct target *target)
{
	return target->scenario ? target->scenario->name : "init-exit";
}

const char *scenario_swept(const struct target *target)
{
	return target->scenario && !target->scenario->whole ? name_of(target, at) : NULL;
}

static bool is_program(const struct run *run)
{
	return run->target->scenario->kind == SCENARIO_PROGRAM;
}

/* ---- parts of a program ---- */

/* True: it returned. */
static bool part(struct run *run, enum program_part which, unsigned i, int64_t *result)
{
	const struct program_options options = {.timeout_ms = run->options->timeout_ms,
						.print = run->options->trace &&
							 run->options->verbose,
						.beat = run->options->beat};
	struct program_outcome out;

	switch (program_run(run->target, &options, which, i, &out)) {
	case PROGRAM_RETURNED:
		*result = out.result;
		return true;
	case PROGRAM_DIED:
		run_died(run, &out.death, out.operation);
		return false;
	case PROGRAM_STOPPED:
		return false;
	case PROGRAM_SKIPPED:
		run_not_judged(run, out.why, 0);
		return false;
	}
	return false;
}

/* A part that must succeed for the run to make sense. */
static bool needed(struct run *run, enum program_part which, unsigned i, const char *what)
{
	char why[200], text[32];
	int64_t result;

	if (!part(run, which, i, &result))
		return false;
	if (result >= 0)
		return true;
	snprintf(why, sizeof(why), "%s returned %s", what,
		 run_errno_text(result, text, sizeof(text)));
	run_not_judged(run, why, 0);
	return false;
}

/* ---- one operation ---- */

static bool idle(struct run *run, const char *name)
{
	char text[128];
	int64_t ignored;

	snprintf(text, sizeof(text), "what runs on behind %s", name);
	return run_operate(run, TARGET_IDLE, text, &ignored);
}

static bool is_listed(const int *errors, int64_t result)
{
	for (; *errors; errors++)
		if (*errors == -result)
			return true;
	return false;
}

/* The program's result; when it only hands on what a system call returned, that is told already. */
static void check_failure(const struct run *run, unsigned i, int64_t result)
{
	const int *errors = is_program(run) ? program_operation_errors(i - 1) : NULL;
	const char *name = name_of(run->target, i);
	char text[32];

	if (judge_accuses())
		return;
	if (result < -ERRNO_MAX || !strerrorname_np((int)-result))
		judge_note(FINDING_WRONG_RETURN, "operation %s returned %lld, which is no errno",
			   name, (long long)result);
	else if (errors && !is_listed(errors, result))
		judge_note(FINDING_WRONG_RETURN,
			   "operation %s failed with %s, which is not among the errnos it may fail "
			   "with",
			   name, run_errno_text(result, text, sizeof(text)));
}

static void check_success(const struct run *run, unsigned i, int64_t result)
{
	const struct run_expect *expect = run->expect;

	if (!expect || !expect->known || expect->result < 0 || !inject_refused())
		return;
	judge_check_calls(expect->alive, expect->alive_count);
	if (!result || expect->result)
		return;
	judge_note(FINDING_WRONG_RETURN,
		   "operation %s returned %lld; it returns 0 without a refusal, and must return a "
		   "negative errno when it fails",
		   name_of(run->target, i), (long long)result);
}

/* It was told no and failed. The driver must be as usable as before. */
static bool again(struct run *run, unsigned i)
{
	char text[32], what[96];
	int64_t result;

	if (!run->expect || !run->expect->known || run->expect->result < 0 ||
	    program_operation_once(i - 1))
		return true;
	snprintf(what, sizeof(what), "%s again", name_of(run->target, i));
	if (kf_tracing)
		trace_operation("%s", what);
	if (!part(run, PROGRAM_RUN, i - 1, &result) || !idle(run, what))
		return false;
	if (result < 0)
		judge_note(FINDING_RETRY_FAILED,
			   "operation %s failed properly, but a second try without any refusal "
			   "returned "
			   "%s",
			   name_of(run->target, i), run_errno_text(result, text, sizeof(text)));
	return result >= 0;
}

/* The suites run in the notifier; what they say of themselves is in the kernel's log. */
static bool run_operation(struct run *run, unsigned i, int64_t *result)
{
	const char *name = name_of(run->target, i);

	if (kf_tracing)
		trace_operation("%s", name);
	if (!is_program(run))
		return run_operate(run, TARGET_LIVE, name, result);
	return part(run, PROGRAM_RUN, i - 1, result) && idle(run, name) && scan_after(run, name);
}

/* Behind the operation, or its second try: without refusals. */
static bool finish(struct run *run, unsigned i)
{
	int64_t ignored;

	if (!is_program(run))
		return true;
	return part(run, PROGRAM_CHECK, i - 1, &ignored) &&
	       part(run, PROGRAM_AFTER, i - 1, &ignored);
}

static void note_result(struct run *run, unsigned i, int64_t result)
{
	run->out->results[i] = result;
}

/* The one that is swept, right behind its setup. False: the run ends here. */
static bool swept(struct run *run, unsigned i)
{
	int64_t result;

	run->sweeping = true;
	if (!run_operation(run, i, &result))
		return false;
	run->sweeping = false;
	inject_suspend();
	run->out->returned = true;
	run->out->result = result;
	note_result(run, i, result);
	if (run->options->alive)
		run->out->alive_count = judge_alive(run->options->alive, run->options->alive_max);
	if (result >= 0) {
		check_success(run, i, result);
		return finish(run, i);
	}
	check_failure(run, i, result);
	if (inject_refused() && !again(run, i))
		return false;
	return finish(run, i);
}

/* What comes behind the swept one must still work, if it did in the baseline. The first that does not is told: those behind
 * it may want what it should have made. */
static void check_follower(struct run *run, unsigned i, int64_t result)
{
	const struct run_expect *expect = run->expect;
	char text[32];

	note_result(run, i, result);
	if (result >= 0 || run->broken || !expect || !expect->known || !expect->results ||
	    expect->results[i] < 0)
		return;
	run->broken = true;
	judge_note(FINDING_RETRY_FAILED,
		   "operation %s does not work any more: without any refusal it returned %s, after "
		   "operation %s had %s",
		   name_of(run->target, i), run_errno_text(result, text, sizeof(text)),
		   name_of(run->target, at),
		   run->out->result < 0 ? "failed properly" : "coped with a refusal");
}

static bool setup(struct run *run, unsigned i)
{
	char what[96];

	if (!is_program(run) || !i || is_exit(run->target, i))
		return true;
	snprintf(what, sizeof(what), "setup of %s", name_of(run->target, i));
	if (i == first_of_program(run->target) &&
	    !needed(run, PROGRAM_SETUP, 0, "setup of the scenario"))
		return false;
	return needed(run, PROGRAM_BEFORE, i - 1, what);
}

static bool follower(struct run *run, unsigned i)
{
	int64_t result;

	if (!setup(run, i) || !run_operation(run, i, &result))
		return false;
	check_follower(run, i, result);
	return finish(run, i);
}

/* ---- init and exit ---- */

/* For suites that run then, this is an operation of its own. */
static bool come_alive(struct run *run)
{
	int64_t ignored;

	return run->target->kunit == KUNIT_WHEN_LIVE ||
	       run_operate(run, TARGET_LIVE, "the notifier of a module that is live", &ignored);
}

static bool init(struct run *run)
{
	int64_t result;

	run->sweeping = true;
	if (!run_operate(run, TARGET_INIT, "init", &result))
		return false;
	run->sweeping = false;
	if (!run->target->scenario->whole)
		inject_suspend();
	run->out->returned = true;
	run->out->result = result;
	if (is_program(run) || result)
		run_check_init(run, result);
	if (run->options->alive)
		run->out->alive_count = judge_alive(run->options->alive, run->options->alive_max);
	if (result >= 0)
		return come_alive(run) && scan_after(run, "init");
	note_result(run, 0, result);
	if (!run_rest(run, "after the failed init", inject_last() != NULL) || !run->expect ||
	    !inject_refused())
		return false;
	return run_init_again(run, &result) && come_alive(run);
}

/* Before exit: the program is over, as when a process ends. */
static bool end_program(struct run *run)
{
	int64_t ignored;

	if (!is_program(run))
		return true;
	if (first_of_program(run->target) <= middle(run->target) &&
	    !part(run, PROGRAM_TEARDOWN, 0, &ignored))
		return false;
	return (part(run, PROGRAM_END, 0, &ignored) && idle(run, "the program"));
}

static void leave(struct run *run)
{
	bool refused = inject_last() && run->out->result < 0;
	int64_t result;

	if (run->target->permanent)
		return;
	if (!run_operate(run, TARGET_EXIT, "exit", &result) || result)
		return;
	if (is_exit(run->target, at) && !run->target->scenario->whole) {
		run->sweeping = false;
		run->out->returned = true;
	}
	if (!run_rest(run, "after the last operation and exit", refused) || !run->options->unload ||
	    at)
		return;
	trace_end();
	run_operate(run, TARGET_UNLOAD, "unloading", &result);
}

/* ---- courses ---- */

static void whole(struct run *run)
{
	unsigned last = middle(run->target);
	int64_t result;

	if (!init(run))
		return;
	for (unsigned i = 1; i <= last; i++) {
		if (is_left_out(run->target, i))
			continue;
		run->sweeping = true;
		if (!setup(run, i) || !run_operation(run, i, &result))
			return;
		run->sweeping = false;
		note_result(run, i, result);
		if (result < 0) {
			run->out->result = result;
			check_failure(run, i, result);
			break;
		}
		if (!inject_refused() && !finish(run, i))
			return;
	}
	if (end_program(run))
		leave(run);
}

/* From operation `at` on. */
static void from_swept(struct run *run)
{
	unsigned last = middle(run->target);

	if (is_exit(run->target, at)) {
		run->sweeping = true;
		leave(run);
		return;
	}
	if (at ? !swept(run, at) : !init(run))
		return;
	for (unsigned i = at + 1; i <= last; i++)
		if (!is_left_out(run->target, i) && !follower(run, i))
			return;
	if (end_program(run))
		leave(run);
}

void scenario_course(struct run *run)
{
	if (!is_program(run))
		kunit_begin();
	if (run->target->scenario->whole)
		whole(run);
	else
		from_swept(run);
	if (!is_program(run))
		kunit_end(run, run->target->scenario->whole || !is_exit(run->target, at));
}

/* ---- preparing ---- */

static bool one_before(struct run *run, unsigned i)
{
	int64_t result;

	if (!i)
		return init(run);
	/* Its setup has run when it was prepared itself. */
	if ((i != at && !setup(run, i)) || !run_operation(run, i, &result))
		return false;
	return finish(run, i);
}

static bool go_to(struct run *run, unsigned to)
{
	for (unsigned i = at; i < to; i++)
		if (!is_left_out(run->target, i) && !one_before(run, i))
			return false;
	return is_exit(run->target, to) ? end_program(run) : setup(run, to);
}

static int explain(const struct run *run, unsigned to, char *err)
{
	char text[32];
	const char *why = run->out->not_judged ? run->out->why.why
			  : run->out->died     ? "an operation before it died"
			  : run->out->result < 0
				  ? run_errno_text(run->out->result, text, sizeof(text))
				  : "an operation before it left the context unbalanced";

	snprintf(err, 256, "operation %s was not reached: %.180s", name_of(run->target, to), why);
	return -1;
}

static int prepare(const struct target *target, const struct run_options *options, unsigned to,
		   char *err)
{
	const struct schedule none = {0};
	struct run_result out = {0};
	struct run run = {.target = target, .options = options, .out = &out};
	int64_t remaining;
	bool arrived;

	if (to == at)
		return 0;
	if (to < at) {
		snprintf(err, 256, "operation %s lies behind this worker", name_of(target, to));
		return -1;
	}
	target->restore();
	inject_begin(&none, false);
	inject_suspend();
	judge_begin();
	scan_begin();
	arrived = go_to(&run, to) &&
		  (!options->rest || run_operate(&run, TARGET_SETTLE, "settling", &remaining));
	if (arrived) {
		judge_keep();
		kml_keep();
		target->mark();
		at = to;
	} else {
		explain(&run, to, err);
	}
	judge_end();
	run_result_clear(&out);
	return arrived ? 0 : -1;
}

int run_prepare(const struct target *target, const struct run_options *options, unsigned i,
		char *err)
{
	if (!target->scenario || target->scenario->whole)
		return 0;
	return prepare(target, options, number_of(target, i), err);
}

int scenario_attach(struct target *target, const struct scenario *scenario, char *err)
{
	struct snapshot_region memory[PROGRAM_REGIONS];
	unsigned count;

	target->scenario = scenario;
	if (scenario->kind != SCENARIO_PROGRAM)
		return 0;
	if (!target->program) {
		snprintf(err, 256, "this world has no system calls for a scenario's program");
		return -1;
	}
	count = program_memory(memory, PROGRAM_REGIONS);
	return target->program(memory, count, err);
}
