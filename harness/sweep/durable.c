// SPDX-License-Identifier: GPL-2.0-only
/*
 * A resumed sweep runs its baselines again and plans again, both of which come to the same as the first time, or it ends
 * with a sentence; slots whose runs are stored are done when they are written. What those runs found is
 * in the store as well, so the result is that of a sweep that nobody disturbed.
 *
 * Runs are put when they are released, that is in the order of slots: what is stored is the beginning of the plan.
 */
#include "durable.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../trace/util.h"

static bool resumes(const struct supervisor *s)
{
	return s->options->store && s->options->resume;
}

static unsigned operation_number(const struct supervisor *s, const char *name)
{
	const struct sweep_result *out = s->merge.out;

	for (unsigned i = 0; name && i < out->operation_count; i++)
		if (!strcmp(out->operations[i].name, name))
			return i;
	return 0;
}

static void restore_finding(struct supervisor *s, struct finding *finding)
{
	bool baseline = !finding->schedule || !finding->schedule[0];

	merge_restore(&s->merge,
		      baseline ? BASELINE + operation_number(s, finding->operation) : NO_SLOT,
		      finding);
}

/* What is said of a run that is stored stays; what is said of the whole is said anew. */
static void restore_not_judged(struct supervisor *s, struct not_judged *entry)
{
	struct store_run run;

	if (entry->schedule && entry->schedule[0] &&
	    store_find_run(s->options->store, s->options->stored,
			   operation_number(s, entry->operation), entry->schedule, &run))
		merge_note(&s->merge, entry);
	else
		not_judged_clear(entry);
}

void durable_begin(struct supervisor *s)
{
	struct sweep_result before;

	if (!resumes(s))
		return;
	if (store_load(s->options->store, s->options->stored, &before)) {
		supervisor_fail(s, store_error(s->options->store));
		return;
	}
	for (unsigned i = 0; i < before.finding_count; i++)
		restore_finding(s, &before.findings[i]);
	for (unsigned i = 0; i < before.not_judged_count; i++)
		restore_not_judged(s, &before.not_judged[i]);
	before.finding_count = before.not_judged_count = 0;
	sweep_result_clear(&before);
}

/* What was asked for at each point, as one number. Addresses are left out: a driver's source lies elsewhere in each
 * process. */
static uint64_t requests_number(const struct supervisor *s, const struct baseline *base)
{
	uint64_t hash = base->points;

	for (uint32_t i = 0; i < base->site_count; i++) {
		const struct site *site = &s->shared->about[base->first_site + i];
		const uint32_t facts[2] = {site->capability, site->size};

		hash = XXH64(facts, sizeof(facts), hash);
	}
	return hash;
}

void durable_baseline(struct supervisor *s, unsigned operation)
{
	const struct baseline *base = &s->shared->baselines[operation];
	const struct store_baseline put = {
		.operation = operation,
		.name = s->merge.out->operation_count > 1 ? s->merge.out->operations[operation].name
							  : NULL,
		.result = base->result,
		.points = base->points,
		.sites = requests_number(s, base),
	};

	if (!s->options->store ||
	    store_put_baseline(s->options->store, s->options->stored, &put) <= 0)
		return;
	supervisor_fail(s, "--resume: the baseline is another one than that of the sweep which was "
			   "interrupted, so its runs cannot be compared; sweep again without "
			   "--resume");
	s->refused = true;
}

/* The slot's schedule as text, into `text`. */
static const char *schedule_text(const struct supervisor *s, uint32_t slot,
				 char text[SCHEDULE_TEXT_MAX])
{
	struct schedule schedule;

	slot_schedule(s->options, s->shared, slot, &schedule);
	return schedule_print(&schedule, text, SCHEDULE_TEXT_MAX);
}

/* With --repeat: the number of the repetition. */
static unsigned round_of(const struct supervisor *s, uint32_t slot)
{
	const struct slot *at = &s->shared->slots[slot];

	return at->parent == NO_SLOT && s->plan.first_wave ? slot / s->plan.first_wave : 0;
}

void durable_find(struct supervisor *s, uint32_t slot)
{
	struct slot *to = &s->shared->slots[slot];
	struct store_run run;
	char text[SCHEDULE_TEXT_MAX];

	if (!resumes(s) ||
	    !store_find_run(s->options->store, s->options->stored, to->operation,
			    schedule_text(s, slot, text), &run) ||
	    run.round < round_of(s, slot))
		return;
	to->flags = run.flags;
	to->points = run.points;
	to->result = run.result;
	if (run.fresh) {
		merge_fresh(&s->merge, slot, run.fresh);
		to->lines = 1;
	}
	to->stored = true;
	atomic_store(&to->state, SLOT_DONE);
}

void durable_run(struct supervisor *s, uint32_t slot, const char *fresh)
{
	const struct slot *from = &s->shared->slots[slot];
	char text[SCHEDULE_TEXT_MAX];
	const struct store_run run = {
		.operation = from->operation,
		.schedule = text,
		.flags = from->flags,
		.result = from->result,
		.points = from->points,
		.fresh = fresh,
		.round = round_of(s, slot),
	};

	if (!s->options->store || from->stored)
		return;
	schedule_text(s, slot, text);
	store_put_run(s->options->store, s->options->stored, &run);
}

void durable_tick(struct supervisor *s)
{
	if (s->options->store)
		store_tick(s->options->store);
}

void durable_end(struct supervisor *s)
{
	if (!s->options->store)
		return;
	if (s->merge.out->interrupted)
		store_flush(s->options->store);
	else
		store_finish(s->options->store, s->options->stored, s->merge.out);
}
