// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs end in any order, and count in the order of slots: what is found, stored and planned next is therefore the same
 * however many workers there are, and at whatever moment each of them was slow or killed.
 */
#include "durable.h"

#include <stdlib.h>
#include "../trace/util.h"

static void release_baseline(struct supervisor *s, unsigned operation)
{
	const struct baseline *base = &s->shared->baselines[operation];
	struct sweep_result *out = s->merge.out;
	struct operation_result *to = &out->operations[operation];

	free(merge_release(&s->merge, BASELINE + operation));
	to->result = base->result;
	to->points = base->points;
	out->baseline.points += base->points;
	out->baseline.interrupts += base->interrupts;
	if (!operation)
		out->baseline.result = (int)base->result;
	s->baselines++;
	durable_baseline(s, operation);
}

static void release_baselines(struct supervisor *s)
{
	while (s->baselines < s->shared->operations) {
		const struct baseline *base = &s->shared->baselines[s->baselines];

		if (!atomic_load(&base->done) ||
		    merge_arrived(&s->merge, BASELINE + s->baselines) < base->lines)
			return;
		release_baseline(s, s->baselines);
	}
}

/* Workers may take what has been written. */
static void publish(struct supervisor *s)
{
	bool grows = plan_grows(s->options);

	for (; s->looked_up < s->plan.count; s->looked_up++)
		durable_find(s, s->looked_up);
	atomic_store_explicit(&s->shared->count, s->plan.count, memory_order_release);
	if (!grows || s->released == s->plan.count)
		atomic_store(&s->shared->complete, true);
}

static void begin_plan(struct supervisor *s)
{
	plan_begin(&s->plan, s->options, s->shared);
	s->merge.out->points = s->plan.points;
	s->planned = true;
	publish(s);
}

static void count_slot(struct sweep_result *out, const struct slot *slot)
{
	struct operation_result *of = &out->operations[slot->operation];

	out->runs++;
	if (!(slot->flags & RUN_CONSUMED))
		return;
	out->injected++;
	of->injected++;
	if (slot->flags & (RUN_ACCUSED | RUN_NOT_JUDGED))
		return;
	if (slot->flags & RUN_ABSORBED) {
		out->absorbed++;
		of->absorbed++;
	} else {
		out->clean++;
		of->clean++;
	}
}

static void release_slot(struct supervisor *s, uint32_t number)
{
	const struct slot *slot = &s->shared->slots[number];
	char *fresh = slot->lines ? merge_release(&s->merge, number) : NULL;

	count_slot(s->merge.out, slot);
	durable_run(s, number, fresh);
	plan_note_refused(&s->plan, number);
	plan_follow(&s->plan, number, fresh);
	free(fresh);
	s->released++;
}

static void release_slots(struct supervisor *s)
{
	while (s->released < s->plan.count) {
		const struct slot *slot = &s->shared->slots[s->released];

		if (atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_DONE)
			return;
		if (slot->lines && merge_arrived(&s->merge, s->released) < slot->lines)
			return;
		release_slot(s, s->released);
	}
}

void supervisor_release(struct supervisor *s)
{
	if (s->baselines < s->shared->operations)
		release_baselines(s);
	if (s->baselines < s->shared->operations)
		return;
	if (!s->planned)
		begin_plan(s);
	release_slots(s);
	publish(s);
}
