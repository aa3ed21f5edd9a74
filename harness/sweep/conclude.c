// SPDX-License-Identifier: GPL-2.0-only
/*
 * The result of a whole sweep. What was left out because the user asked for it (shallow, a shard, a budget, one of each
 * stack) is said, and is neither a finding nor "not judged"; what could not be done is "not judged".
 */
#include "durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/settings.h"
#include "../inject/policy.h"
#include "../trace/util.h"

static void append_setting(const char *name, const char *value, void *arg)
{
	char **text = arg;
	char *longer = xasprintf("%s%s%s=%s", *text, **text ? " " : "", name, value);

	free(*text);
	*text = longer;
}

static char *settings_text(void)
{
	char *text = xstrdup("");

	kf_settings_for_each_changed(kf_settings(), append_setting, &text);
	return text;
}

char *sweep_policy(const struct target *target, const struct sweep_options *options)
{
	static const struct schedule none;
	bool plain = options->baseline_only || (options->plan.interrupts && !options->schedules);
	char *requests =
		policy_text(inject_policy(), target->module, plain ? &none : options->schedules,
			    plain ? 1 : options->schedule_count);
	char *text;

	if (!options->plan.interrupts)
		return requests;
	text = xasprintf("%s\neach interrupt of %s comes once at each point where it can", requests,
			 target->module);
	free(requests);
	return text;
}

/* Sites that were let pass, and how often. */
static void list_benign(struct sweep_result *out)
{
	const struct benign *benign = &inject_policy()->benign;

	out->benign = xcalloc(benign->count, sizeof(*out->benign));
	for (unsigned i = 0; i < benign->count; i++)
		out->benign[out->benign_count++] = (struct benign_site){
			.site = xstrdup(benign->entries[i].site),
			.reason = xstrdup(benign->entries[i].reason),
			.known = benign->entries[i].known,
			.requests = benign->most ? atomic_load(&benign->most[i]) : 0,
		};
}

static unsigned operations_of(const struct target *target)
{
	unsigned count = run_operations(target);

	return count < OPERATIONS_MAX ? count : OPERATIONS_MAX;
}

void result_begin(const struct target *target, const struct sweep_options *options,
		  struct sweep_result *out)
{
	const struct plan_options *plan = &options->plan;

	*out = (struct sweep_result){.kernel = xstrdup(target->kernel),
				     .module = xstrdup(target->module),
				     .scenario = xstrdup(run_scenario_name(target)),
				     .settings = settings_text(),
				     .policy = sweep_policy(target, options),
				     .plan = plan_print(plan)};
	if (plan->shards)
		out->shard = xasprintf("%u/%u", plan->shard, plan->shards);
	out->operation_count = operations_of(target);
	out->operations = xcalloc(out->operation_count, sizeof(*out->operations));
	for (unsigned i = 0; i < out->operation_count; i++)
		out->operations[i].name = xstrdup(run_operation_name(target, i));
}

static void note(struct supervisor *s, unsigned operation, const char *schedule, char *why)
{
	struct not_judged entry = {.schedule = xstrdup(schedule), .why = why};

	if (s->shared->operations > 1)
		entry.operation = xstrdup(s->merge.out->operations[operation].name);
	merge_note(&s->merge, &entry);
}

/* In a scenario of several operations, its name; else what everybody calls it. */
static const char *operation_name(const struct supervisor *s, unsigned operation)
{
	return s->shared->operations > 1 ? s->merge.out->operations[operation].name : "init";
}

/* Points that nobody could reach, because the baseline did not get through the operation. */
static void note_unreached(struct supervisor *s, unsigned operation)
{
	const struct baseline *base = &s->shared->baselines[operation];

	if (base->died && base->in_init && !s->options->baseline_only)
		note(s, operation, "1+",
		     xasprintf("%s did not come back even without a refusal, so no point was swept",
			       operation_name(s, operation)));
}

/* An operation that fails by itself shows only its failure path: what lies behind has not been judged. */
static void note_failed_baseline(struct supervisor *s, unsigned operation)
{
	const struct baseline *base = &s->shared->baselines[operation];
	int64_t result = base->result;
	const char *name = result < 0 && result >= -4095 ? strerrorname_np((int)-result) : NULL;

	if (base->died || result >= 0)
		return;
	note(s, operation, "",
	     xasprintf(
		     "%s returned %lld (-%s) without any refusal: only what it did until then was "
		     "judged; does it want a device or a parameter?",
		     operation_name(s, operation), (long long)result, name ? name : "?"));
}

static void note_canary(struct supervisor *s)
{
	s->merge.out->canary = s->shared->canary;
	if (s->shared->canary == CANARY_MISSED)
		note(s, 0, "",
		     xstrdup("the canary, a leak that kfail made itself, was not found: that no "
			     "other was found means nothing"));
}

static void note_not_run(struct supervisor *s)
{
	struct sweep_result *out = s->merge.out;

	out->not_swept = s->plan.count - s->released;
	if (s->plan.full)
		note(s, 0, "",
		     xasprintf("the plan has more than %u runs: what lies beyond was not run",
			       SLOTS_MAX));
	if (out->interrupted)
		note(s, 0, "",
		     xasprintf("interrupted by signal %d (%s): %u of %u planned runs were not made",
			       out->interrupted, strsignal(out->interrupted), out->not_swept,
			       s->plan.count));
	else if (out->not_swept && !out->runs)
		note(s, 0, "",
		     xasprintf("the budget of %u s was used up before the first run",
			       s->options->plan.budget_s));
}

/* Whoever asks for interrupts has some in mind: the scenario does not come to where they are requested. */
static void note_no_interrupts(struct supervisor *s)
{
	if (s->options->plan.interrupts && !s->merge.out->baseline.interrupts)
		note(s, 0, "irq=1",
		     xasprintf("no interrupt could come: at no point of the scenario does %s have "
			       "an interrupt handler, timer or tasklet that is enabled",
			       s->target->module));
}

/* A filter that leaves nothing is a mistake of whoever wrote it more often than an answer. */
static void note_no_points(struct supervisor *s)
{
	struct sweep_result *out = s->merge.out;
	unsigned requests = 0;

	for (unsigned i = 0; i < out->operation_count; i++)
		if (out->operations[i].points)
			return;
	for (unsigned i = 0; i < out->never_refused_count; i++)
		requests += out->never_refused[i].count;
	if (requests)
		note(s, 0, "1+",
		     xasprintf("none of %u requests is a point under this policy: nothing was "
			       "refused",
			       requests));
}

static void add_unexpected(struct sweep_result *out, const struct operation_result *of,
			   const struct expected_points *expected)
{
	out->unexpected =
		xreallocarray(out->unexpected, out->unexpected_count + 1, sizeof(*out->unexpected));
	out->unexpected[out->unexpected_count++] =
		(struct unexpected_points){.operation = xstrdup(of->name),
					   .points = of->points,
					   .low = expected->low,
					   .high = expected->high};
}

static void check_expected(struct sweep_result *out, const struct plan_options *plan)
{
	for (unsigned i = 0; i < plan->expected_count; i++)
		for (unsigned k = 0; k < out->operation_count; k++) {
			const struct expected_points *e = &plan->expected[i];
			const struct operation_result *of = &out->operations[k];

			if (e->operation && strcmp(e->operation, of->name) != 0)
				continue;
			if (of->points < e->low || of->points > e->high)
				add_unexpected(out, of, e);
		}
}

/* ---- order ---- */

struct place {
	unsigned operation, index;
	int64_t refusals;
	uint32_t first;
};

static struct place place_of(const struct sweep_result *out, unsigned index)
{
	const struct finding *f = &out->findings[index];
	struct place place = {.index = index};

	for (unsigned i = 0; f->operation && i < out->operation_count; i++)
		if (!strcmp(f->operation, out->operations[i].name))
			place.operation = i;
	place.refusals = schedule_refusals(f->schedule, &place.first);
	return place;
}

static int compare_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->operation != y->operation)
		return x->operation < y->operation ? -1 : 1;
	if (x->refusals != y->refusals)
		return x->refusals < y->refusals ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* By operation, then fewest refusals, then lowest points: the same for a day's rotation, a resumed sweep, merged shards. */
static void sort_findings(struct sweep_result *out)
{
	unsigned count = out->finding_count;
	struct place *places = xcalloc(count, sizeof(*places));
	struct finding *sorted = xcalloc(count, sizeof(*sorted));

	for (unsigned i = 0; i < count; i++)
		places[i] = place_of(out, i);
	qsort(places, count, sizeof(*places), compare_place);
	for (unsigned i = 0; i < count; i++)
		sorted[i] = out->findings[places[i].index];
	free(out->findings);
	free(places);
	out->findings = sorted;
}

/* ---- the end ---- */

static enum sweep_status status_of(const struct sweep_result *out)
{
	for (unsigned i = 0; i < out->finding_count; i++)
		if (!out->findings[i].core)
			return SWEEP_FINDINGS;
	if (out->unexpected_count)
		return SWEEP_FINDINGS;
	return out->not_judged_count ? SWEEP_NOT_JUDGED : SWEEP_CLEAN;
}

void supervisor_conclude(struct supervisor *s, double seconds)
{
	struct sweep_result *out = s->merge.out;

	for (unsigned i = 0; i < s->baselines; i++) {
		note_unreached(s, i);
		note_failed_baseline(s, i);
		if (s->planned)
			out->operations[i].same_stack = s->plan.operations[i].same_stack;
	}
	note_not_run(s);
	note_canary(s);
	if (s->baselines == s->shared->operations)
		check_expected(out, &s->options->plan);
	if (s->planned && !s->options->schedules && !s->options->baseline_only) {
		if (!s->options->plan.interrupts) {
			note_never_refused(s);
			note_no_points(s);
		}
		note_no_interrupts(s);
	}
	merge_conclude(&s->merge);
	sort_findings(out);
	list_benign(out);
	out->status = status_of(out);
	out->seconds = seconds;
	if (seconds > 0)
		out->runs_per_second = (s->released + 1) / seconds;
	durable_end(s);
}

static bool has_operation(const struct target *target, const char *name)
{
	for (unsigned i = 0; i < run_operations(target); i++)
		if (!strcmp(name, run_operation_name(target, i)))
			return true;
	return false;
}

int sweep_check(const struct target *target, const struct sweep_options *options, char *err)
{
	const struct plan_options *plan = &options->plan;

	for (unsigned i = 0; i < plan->expected_count; i++) {
		const char *name = plan->expected[i].operation;

		if (!name && run_operations(target) > 1) {
			snprintf(err, ERR_MAX,
				 "--expect-points wants OPERATION=N here: the scenario has %u "
				 "operations",
				 run_operations(target));
			return -1;
		}
		if (name && !has_operation(target, name)) {
			snprintf(err, ERR_MAX,
				 "--expect-points: the scenario has no operation \"%.64s\"; the "
				 "first is \"%.64s\"",
				 name, run_operation_name(target, 0));
			return -1;
		}
	}
	return 0;
}
