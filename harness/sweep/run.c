// SPDX-License-Identifier: GPL-2.0-only
/*
 * The course of one run, for the scenario that every module has (others: scenario.c):
 *
 *	restore, init --+-- died ----------------------------------------------> verdict
 *	                +-- >= 0: exit, settle, is anything left? -------------> verdict
 *	                +-- < 0:  settle, is anything left? --- yes -----------> verdict
 *	                              no: reload, init again without refusals,
 *	                                  exit, settle, is anything left? -----> verdict
 *
 * Requests are counted and refused in init and exit; while the world settles, and in the second try, none is. An
 * operation that left its context unbalanced ends the run like a death: what follows would only show that again. The
 * world survives it, since the context is restored with everything else.
 *
 * All runs of a sweep start from the same bytes. Up to the first refusal they must therefore make the same
 * requests as the baseline; if the refused request is another one than the baseline's with that number, or is never
 * made, something outside the world decides what the driver does, and the finding says so.
 */
#include "course.h"
#include "scan.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../inject/calls.h"
#include "../inject/interrupts.h"
#include "../program/program.h"
#include "../trace/depot.h"
#include "../trace/fentry.h"
#include "../trace/graph.h"
#include "../trace/host_code.h"
#include "../trace/symbols.h"
#include "../trace/tracing.h"
#include "../trace/util.h"

void run_attach(const struct target *target)
{
	const struct judge_eyes eyes = {
		.module = target->module,
		.kernel = target->kernel,
		.caller = target->caller,
		.in_module = target->in_module,
		.module_of = target->module_of,
		.context = target->context,
		.access_stack = target->access_stack,
		.active = target->active,
	};

	judge_attach(&eyes);
	scan_attach(target);
	inject_describe("kfail", target->kernel);
	inject_attach(target->in_module, target->task);
}

uint64_t run_site(const struct refusal *point)
{
	const struct kf_request *r = &point->request;
	const char *call = point->call ? point->call->call->function : "";
	const uint64_t facts[] = {r->kind, r->size, r->gfp, XXH64(call, strlen(call), 0)};
	const uint64_t *pcs;
	uint64_t settled[DEPOT_FRAMES_MAX];
	unsigned n = depot_get(point->stack, &pcs);
	uint64_t seed = XXH64(facts, sizeof(facts), 0);

	for (unsigned i = 0; i < n; i++)
		settled[i] = host_code_settled(pcs[i]);
	return n ? XXH64(settled, n * sizeof(*settled), seed) : seed;
}

void run_not_judged(struct run *run, const char *why, uint32_t stack)
{
	if (run->out->not_judged)
		return;
	run->out->not_judged = true;
	run->out->why = (struct not_judged){.why = xstrdup(why)};
	stack_name_handle(&run->out->why.stack, stack);
}

void run_died(struct run *run, const struct death *death, const char *name)
{
	run->out->died = true;
	run->out->in_init = run->sweeping;
	if (death->kind == DEATH_NOT_JUDGED)
		run_not_judged(run, death->what, death->stack);
	else
		judge_died(death, name);
}

const char *run_errno_text(int64_t result, char *buf, size_t size)
{
	const char *name =
		result < 0 && result >= -ERRNO_MAX ? strerrorname_np((int)-result) : NULL;

	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%lld", (long long)result);
	return buf;
}

/* What a trace shows of an operation that is over. */
static void trace_result(enum target_op op, const char *name, int64_t result)
{
	char text[32];

	if (op == TARGET_INIT)
		trace_operation("%s returned %s", name, run_errno_text(result, text, sizeof(text)));
}

/* Without the clearing of its text, which would take longer than many an operation's way into the world and back. */
static void no_death(struct death *death)
{
	death->kind = DEATH_NONE;
	death->what[0] = '\0';
	death->address = 0;
	death->stack = 0;
	death->exact_pc = false;
}

bool run_operate(struct run *run, enum target_op op, const char *name, int64_t *result)
{
	struct target_context before, after;
	struct death death;

	no_death(&death);
	if (run->options->beat)
		run->options->beat();
	if (kf_tracing)
		trace_operation("%s", name);
	run->target->context(&before);
	if (!run->target->call(op, result, &death, run->options->timeout_ms)) {
		if (kf_tracing)
			trace_operation("%s died: %s", name, death.what);
		run_died(run, &death, name);
		return false;
	}
	if (kf_tracing)
		trace_result(op, name, *result);
	if (op == TARGET_INIT && run->options->canary)
		judge_plant_canary();
	run->target->context(&after);
	return judge_check_context(&before, &after, name);
}

static void add_dangling(uint64_t where, uint64_t value, const char *place, void *arg)
{
	judge_dangling(where, value, place);
}

bool run_rest(struct run *run, const char *when, bool refused)
{
	int64_t remaining;

	inject_suspend();
	if (!run_operate(run, TARGET_SETTLE, "settling", &remaining))
		return false;
	judge_check_leftovers(when, refused);
	if (run->target->dangling)
		run->target->dangling(add_dangling, NULL);
	return !judge_accuses();
}

static void count_pointer(uint64_t where, uint64_t value, const char *place, void *arg)
{
	++*(unsigned *)arg;
}

static bool points_to_module(const struct target *target)
{
	unsigned count = 0;

	target->dangling(count_pointer, &count);
	return count;
}

/* Callers of debugfs and tracefs are not to ask whether it worked. */
static bool may_be_ignored(const struct refusal *refusal)
{
	const uint64_t *pcs;
	unsigned n = depot_get(refusal->stack, &pcs);
	struct frame frame;

	if (refusal->call && refusal->call->call->only & CALL_ABSORBED)
		return true;
	for (unsigned i = 0; i < n; i++) {
		symbols_resolve(pcs[i], false, &frame, 1);
		if (!strncmp(frame.function, "debugfs_", 8) ||
		    !strncmp(frame.function, "tracefs_", 8))
			return true;
	}
	return false;
}

/*
 * With nothing allocated, nothing in kernel memory that points to it and nothing exported, nobody can ever call the module. A
 * module that is so from the start has done its work in init; this one held something in the baseline, until exit.
 */
static bool is_idle(const struct run *run, const struct refusal *last)
{
	return run->expect->gives_back && !run->target->library && run->target->dangling &&
	       !judge_holds_something() && !points_to_module(run->target) && !may_be_ignored(last);
}

/* Success is what the kernel now believes; so it must not be the end of an error path. */
static void check_success(const struct run *run)
{
	const struct run_expect *expect = run->expect;
	const struct refusal *last = inject_last();

	if (!last || last->benign || !expect || !expect->known || expect->result < 0)
		return;
	if (judge_unwound(expect->alive, expect->alive_count))
		judge_note(FINDING_WRONG_RETURN,
			   "init returned 0, but it had given everything back that it had "
			   "allocated: request %u was refused, and the failure was not reported",
			   last->n);
	else if (is_idle(run, last))
		judge_note(FINDING_WRONG_RETURN,
			   "init returned 0, but nothing is allocated or registered, as it is when "
			   "nothing is refused: request %u was refused, and the failure was not "
			   "reported",
			   last->n);
}

void run_check_init(const struct run *run, int64_t result)
{
	if (!result)
		check_success(run);
	else if (result > 0)
		judge_note(FINDING_WRONG_RETURN,
			   "init returned %lld; it must return 0 or a negative errno",
			   (long long)result);
	else if (result < -ERRNO_MAX)
		judge_note(FINDING_WRONG_RETURN, "init returned %lld, which is no errno",
			   (long long)result);
}

static void leave(struct run *run, const char *name, const char *when)
{
	int64_t ignored;

	/* What stays with a module that is never unloaded is in use. */
	if (run->target->permanent)
		return;
	if (!run_operate(run, TARGET_EXIT, name, &ignored))
		return;
	if (!run_rest(run, when, false) || !run->options->unload)
		return;
	/* The loader's path is looked at by loading and unloading all over: no part of the scenario. */
	trace_end();
	run_operate(run, TARGET_UNLOAD, "unloading", &ignored);
}

bool run_init_again(struct run *run, int64_t *again)
{
	int64_t expected = run->expect->result, result, ignored;
	char was[32], is[32];

	if (!run_operate(run, TARGET_RELOAD, "loading the module again", &ignored) ||
	    !run_operate(run, TARGET_INIT, "a second init after the failed one", &result))
		return false;
	if (result != expected)
		judge_note(FINDING_RETRY_FAILED,
			   "init failed properly, but a second try without any refusal returned %s "
			   "instead of %s",
			   run_errno_text(result, is, sizeof(is)),
			   run_errno_text(expected, was, sizeof(was)));
	if (result < 0)
		run_rest(run, "after the second init failed too", false);
	*again = result;
	return result >= 0;
}

/* The module was told no, failed, and left nothing behind. Can it be loaded again now? */
static void retry(struct run *run)
{
	int64_t result;

	if (run_init_again(run, &result) && !run->expect->exit_dies)
		leave(run, "exit after the second init", "after a second init and exit");
}

/* All but the reason why it could not be judged: most have none. */
static void clear_result(struct run_result *result)
{
	memset(result, 0, offsetof(struct run_result, why));
}

static void init_and_exit(struct run *run)
{
	int64_t result;

	run->sweeping = true;
	if (!run_operate(run, TARGET_INIT, "init", &result))
		return;
	run->sweeping = false;
	run->out->returned = true;
	run->out->result = result;
	run_check_init(run, result);
	if (run->options->alive)
		run->out->alive_count = judge_alive(run->options->alive, run->options->alive_max);
	if (result >= 0) {
		if (!scan_after(run, "init"))
			return;
		leave(run, "exit", "after init and exit");
		return;
	}
	if (run_rest(run, "after the failed init", inject_last() != NULL) && run->expect &&
	    inject_refused() && !run->options->no_retry)
		retry(run);
}

static void check_determinism(const struct run *run, const struct schedule *schedule)
{
	const struct run_expect *expect = run->expect;
	const struct refusal *first = inject_first();
	uint32_t n;

	if (!expect || !expect->known)
		return;
	n = schedule_first(schedule, expect->points);
	if (!first && n)
		judge_note(FINDING_NONDETERMINISM,
			   "request %u was not made in this run (%u requests; %u in the baseline)",
			   n, inject_points(), expect->points);
	else if (first && first->n <= expect->site_count &&
		 run_site(first) != expect->sites[first->n - 1])
		judge_note(FINDING_NONDETERMINISM,
			   "request %u is not the one that the baseline made: before it, this run "
			   "went another way",
			   first->n);
}

/* What shows the finding again: where chance had a part, the points that it came to, if they can be written down. */
static const struct schedule *what_was_refused(const struct schedule *schedule)
{
	const struct schedule *observed = inject_observed();

	return schedule_is_chance(schedule) && observed ? observed : schedule;
}

static void collect(struct run *run, const struct schedule *schedule)
{
	struct run_result *out = run->out;
	char text[SCHEDULE_TEXT_MAX];

	if (judge_unable())
		run_not_judged(run, judge_unable(), 0);
	judge_accesses();
	scan_end(run);
	if (run->options->alive)
		out->gives_back = judge_gave_back(run->options->alive, out->alive_count);
	out->points = inject_points();
	out->consumed = inject_refused() > 0 || interrupts_last();
	out->interrupts = interrupts_points();
	out->accused = judge_accuses();
	if (run->options->beat)
		run->options->beat();
	out->finding_count = judge_verdict(&out->findings);
	if (!out->finding_count && !out->not_judged)
		return;
	schedule_print(what_was_refused(schedule), text, sizeof(text));
	for (unsigned i = 0; i < out->finding_count; i++) {
		out->findings[i].schedule = xstrdup(text);
		out->findings[i].operation = xstrdup_or_null(scenario_swept(run->target));
		finding_set_id(&out->findings[i]);
	}
	if (!out->not_judged)
		return;
	out->why.schedule = xstrdup(text);
	out->why.operation = xstrdup_or_null(scenario_swept(run->target));
}

void run_schedule(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, const struct schedule *schedule,
		  struct run_result *out)
{
	struct run run = {.target = target, .options = options, .expect = expect, .out = out};

	clear_result(out);
	target->restore();
	inject_record(!expect || options->record);
	inject_begin(schedule, options->verbose);
	interrupts_begin(schedule);
	judge_begin();
	scan_begin();
	if (options->trace)
		trace_begin(target->task);
	if (options->trace)
		graph_begin(target->task);
	fentry_run(fentry_armed());
	program_hide(options->hide_user);
	if (target->scenario)
		scenario_course(&run);
	else
		init_and_exit(&run);
	fentry_run(false);
	graph_end();
	trace_end();
	inject_suspend();
	/* A dead world is only good for reports: its lists cannot be trusted to be walked. */
	if (!out->died) {
		judge_check_memory();
		check_determinism(&run, schedule);
	}
	collect(&run, schedule);
	inject_end();
	judge_end();
}

void run_result_clear(struct run_result *result)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		finding_clear(&result->findings[i]);
	free(result->findings);
	if (result->not_judged)
		not_judged_clear(&result->why);
	clear_result(result);
}
