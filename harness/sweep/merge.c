// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings arrive in any order and are released in the order of slots, so that the result, and what is
 * printed while it grows, is the same for any number of workers.
 *
 * A finding is told once: the first schedule that shows it stands for it, later ones with the same id are
 * counted as `also`. Of findings of one bug (group.h) only the first is handed on as it happens. What the baseline showed is not told again for each point: a finding that would have the id of a
 * baseline finding if its refusal were left out is dropped.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>
#include "../judge/group.h"
#include "confirm.h"
#include "orders.h"
#include "../trace/util.h"

/* So many findings, and so many hangs among them, are looked at again. */
#define LOOKED_AGAIN_MAX 64
#define HANGS_AGAIN_MAX	 2

char *sweep_replay_line(const struct sweep_options *options, const char *operation,
			const char *schedule)
{
	const char *replay = options->replay ? options->replay : "kfail replay";
	const char *tail = options->replay_tail ? options->replay_tail : "";

	return xasprintf("%s --schedule %s%s%s%s", replay, schedule[0] ? schedule : "''",
			 operation ? " --operation " : "", operation ? operation : "", tail);
}

/* Several runs, one after another: a sweep of just these. */
static char *together_line(const struct sweep_options *options, const struct finding *finding)
{
	const char *tail = options->replay_tail ? options->replay_tail : "";
	char *schedules = xasprintf("%s %s", finding->together, finding->schedule),
	     *rest = schedules;
	char *line = xstrdup("kfail sweep"), *longer, *schedule;

	while ((schedule = strsep(&rest, " "))) {
		longer = xasprintf("%s --schedule %s", line, schedule);
		free(line);
		line = longer;
	}
	longer = xasprintf("%s%s%s%s", line, finding->operation ? " --operation " : "",
			   finding->operation ? finding->operation : "", tail);
	free(line);
	free(schedules);
	return longer;
}

static struct arrival *arrival_new(struct merge *merge, uint32_t slot)
{
	struct arrival *a;

	if (merge->arrival_count == merge->arrival_room) {
		merge->arrival_room = merge->arrival_room ? merge->arrival_room * 2 : 16;
		merge->arrivals = xreallocarray(merge->arrivals, merge->arrival_room,
						sizeof(*merge->arrivals));
	}
	a = &merge->arrivals[merge->arrival_count++];
	memset(a, 0, sizeof(*a));
	a->slot = slot;
	return a;
}

void merge_finding(struct merge *merge, uint32_t slot, const struct finding *finding)
{
	struct arrival *a = arrival_new(merge, slot);

	a->kind = ARRIVAL_FINDING;
	a->finding = *finding;
}

void merge_not_judged(struct merge *merge, uint32_t slot, const struct not_judged *entry)
{
	struct arrival *a = arrival_new(merge, slot);

	a->kind = ARRIVAL_NOT_JUDGED;
	a->entry = *entry;
}

void merge_fresh(struct merge *merge, uint32_t slot, const char *text)
{
	struct arrival *a = arrival_new(merge, slot);

	a->kind = ARRIVAL_FRESH;
	a->fresh = xstrdup(text);
}

static void order_arrived(struct merge *merge, uint32_t slot, const char *text)
{
	struct arrival *a = arrival_new(merge, slot);

	a->kind = ARRIVAL_ORDER;
	a->order = xstrdup(text);
}

bool merge_line(struct merge *merge, char *line)
{
	char *end;
	unsigned long slot = strtoul(line, &end, 10);
	struct not_judged entry;
	struct finding finding;

	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	if (end[1] == 'F' && !finding_from_json(end + 3, &finding))
		merge_finding(merge, (uint32_t)slot, &finding);
	else if (end[1] == 'N' && !not_judged_from_json(end + 3, &entry))
		merge_not_judged(merge, (uint32_t)slot, &entry);
	else if (end[1] == 'P')
		merge_fresh(merge, (uint32_t)slot, end + 3);
	else if (end[1] == 'O')
		order_arrived(merge, (uint32_t)slot, end + 3);
	else
		return false;
	return true;
}

unsigned merge_arrived(const struct merge *merge, uint32_t slot)
{
	unsigned n = 0;

	for (unsigned i = 0; i < merge->arrival_count; i++)
		n += merge->arrivals[i].slot == slot;
	return n;
}

/* The id that the finding would have if it needed no refusal. */
static void id_without_point(const struct finding *finding, char id[17])
{
	struct finding copy = *finding;

	copy.has_point = false;
	finding_set_id(&copy);
	memcpy(id, copy.id, sizeof(copy.id));
}

static bool baseline_showed(const struct merge *merge, const struct finding *finding)
{
	char id[17];

	if (!merge->baseline_count)
		return false;
	/* Once is enough: each run of such a module differs from the others in its own way. */
	if (finding->kind == FINDING_NONDETERMINISM && merge->baseline_differs)
		return true;
	id_without_point(finding, id);
	for (unsigned i = 0; i < merge->baseline_count; i++)
		if (!strcmp(merge->baseline_ids[i], id))
			return true;
	return false;
}

static void remember_baseline(struct merge *merge, const struct finding *finding)
{
	merge->baseline_ids = xreallocarray(merge->baseline_ids, merge->baseline_count + 1,
					    sizeof(*merge->baseline_ids));
	id_without_point(finding, merge->baseline_ids[merge->baseline_count++]);
	merge->baseline_differs |= finding->kind == FINDING_NONDETERMINISM;
}

/* Index of the finding with this id, or the number of findings. */
static unsigned same_finding(const struct sweep_result *out, const char *id)
{
	unsigned i = 0;

	while (i < out->finding_count && strcmp(out->findings[i].id, id) != 0)
		i++;
	return i;
}

/* A hang takes its whole time limit again, and a module with very many bugs is not told sooner because of it. */
static bool worth_a_look(struct merge *merge, const struct finding *finding)
{
	if (!merge->options->confirm || !merge->target || finding->kind == FINDING_NONDETERMINISM ||
	    finding->core || finding->together)
		return false;
	if (finding->kind == FINDING_HANG && merge->hangs_again++ >= HANGS_AGAIN_MAX)
		return false;
	return merge->looked_again++ < LOOKED_AGAIN_MAX;
}

/* By its name, as findings carry it. */
static unsigned operation_of(const struct sweep_result *out, const struct finding *finding)
{
	for (unsigned i = 0; finding->operation && i < out->operation_count; i++)
		if (!strcmp(out->operations[i].name, finding->operation))
			return i;
	return 0;
}

static void add_finding(struct merge *merge, uint32_t slot, struct finding *finding);

static void note_not_reproduced(struct merge *merge, uint32_t slot, unsigned i)
{
	struct sweep_result *out = merge->out;
	struct finding f = {.kind = FINDING_NONDETERMINISM};

	f.schedule = xstrdup(out->findings[i].schedule);
	f.operation = xstrdup_or_null(out->findings[i].operation);
	f.what = xasprintf("finding %s was not seen again when its schedule was run once more in a "
			   "fresh process",
			   out->findings[i].id);
	finding_set_id(&f);
	finding_set_group(&f);
	if (same_finding(out, f.id) < out->finding_count) {
		finding_clear(&f);
		return;
	}
	if (merge->options->store)
		store_put_finding(merge->options->store, merge->options->stored,
				  operation_of(out, &f), &f);
	add_finding(merge, slot, &f);
}

static void look_again(struct merge *merge, uint32_t slot, unsigned i)
{
	struct sweep_result *out = merge->out;
	unsigned operation = operation_of(out, &out->findings[i]);
	const struct baseline *base = &merge->shared->baselines[operation];
	struct confirm confirm = {.target = merge->target,
				  .options = merge->options,
				  .operation = operation,
				  .keys = base->keys,
				  .key_count = base->key_count,
				  .edges = merge->shared->lock_edges,
				  .edge_count = merge->shared->lock_edge_count,
				  .edges_before = base->first_lock_edge};

	if (!worth_a_look(merge, &out->findings[i]))
		return;
	shared_expect(merge->shared, operation, &confirm.expect);
	out->findings[i].confirmed = confirm_finding(&confirm, &out->findings[i]);
	if (out->findings[i].confirmed == CONFIRM_NO)
		note_not_reproduced(merge, slot, i);
}

/* What stands for a bug is looked at again, then handed on. */
static void tell(struct merge *merge, uint32_t slot, unsigned i)
{
	struct sweep_result *out = merge->out;

	if (!merge->restoring)
		look_again(merge, slot, i);
	if (merge->options->found)
		merge->options->found(&out->findings[i], i + 1, merge->options->arg);
}

void merge_conclude(struct merge *merge)
{
	struct sweep_result *out = merge->out;
	unsigned count = out->finding_count;

	for (unsigned i = 0; i < count; i++)
		if (out->findings[i].confirmed == CONFIRM_NOT_TRIED &&
		    finding_is_first(out, &out->findings[i]))
			look_again(merge, NO_SLOT, i);
}

int64_t schedule_refusals(const char *text, uint32_t *first)
{
	struct schedule schedule;
	int64_t count = 0;
	char err[256];

	*first = 0;
	if (!text || schedule_parse(text, &schedule, err) || (!schedule.count && !schedule.irq))
		return 0;
	count = schedule.irq != 0;
	*first = schedule.count ? schedule.ranges[0].first : schedule.irq;
	for (unsigned i = 0; i < schedule.count; i++)
		count += (int64_t)schedule.ranges[i].last - schedule.ranges[i].first + 1;
	return count;
}

/* Fewer refusals, or lower ones. */
static bool is_smaller(const char *a, const char *b)
{
	uint32_t first_a, first_b;
	int64_t count_a = schedule_refusals(a, &first_a), count_b = schedule_refusals(b, &first_b);

	if (count_a != count_b)
		return count_a < count_b;
	return first_a != first_b ? first_a < first_b : strcmp(a, b) < 0;
}

/* Seen again in so many runs more; the smallest schedule stands for it. */
static void see_again(struct merge *merge, unsigned i, struct finding *again, unsigned runs)
{
	struct finding *known = &merge->out->findings[i], old;

	known->also += runs;
	if (is_smaller(again->schedule, known->schedule)) {
		old = *known;
		*known = *again;
		known->also = old.also;
		known->replay =
			sweep_replay_line(merge->options, again->operation, again->schedule);
		*again = old;
	}
	finding_clear(again);
}

/* A new one is told. */
static void add_finding(struct merge *merge, uint32_t slot, struct finding *finding)
{
	struct sweep_result *out = merge->out;
	unsigned i = out->finding_count;

	free(finding->replay);
	finding->replay = finding->together ? together_line(merge->options, finding)
					    : sweep_replay_line(merge->options, finding->operation,
								finding->schedule);
	out->findings = xreallocarray(out->findings, i + 1, sizeof(*out->findings));
	merge->last_slot = xreallocarray(merge->last_slot, i + 1, sizeof(*merge->last_slot));
	out->findings[i] = *finding;
	merge->last_slot[i] = slot;
	out->finding_count++;
	if (finding_is_first(out, &out->findings[i]))
		tell(merge, slot, i);
}

static void release_finding(struct merge *merge, uint32_t slot, struct finding *finding)
{
	struct sweep_result *out = merge->out;
	unsigned i;

	finding_set_id(finding);
	finding_set_group(finding);
	if (is_baseline(slot))
		remember_baseline(merge, finding);
	i = same_finding(out, finding->id);
	if (merge->options->store && (is_baseline(slot) || !baseline_showed(merge, finding)))
		store_put_finding(merge->options->store, merge->options->stored,
				  slot_operation(merge->shared, slot), finding);
	if (i < out->finding_count) {
		see_again(merge, i, finding, merge->last_slot[i] != slot);
		merge->last_slot[i] = slot;
		return;
	}
	if (!is_baseline(slot) && baseline_showed(merge, finding)) {
		finding_clear(finding);
		return;
	}
	add_finding(merge, slot, finding);
}

void merge_restore(struct merge *merge, uint32_t slot, struct finding *finding)
{
	unsigned i = same_finding(merge->out, finding->id);

	/* The store keeps apart what two operations show. */
	if (i < merge->out->finding_count) {
		see_again(merge, i, finding, finding->also + 1);
		return;
	}
	merge->restoring = true;
	add_finding(merge, slot, finding);
	merge->restoring = false;
}

void merge_note(struct merge *merge, const struct not_judged *entry)
{
	struct sweep_result *out = merge->out;

	out->not_judged =
		xreallocarray(out->not_judged, out->not_judged_count + 1, sizeof(*out->not_judged));
	out->not_judged[out->not_judged_count++] = *entry;
}

static void release_not_judged(struct merge *merge, uint32_t slot, const struct not_judged *entry)
{
	if (merge->options->store)
		store_put_not_judged(merge->options->store, merge->options->stored,
				     slot_operation(merge->shared, slot), entry);
	merge_note(merge, entry);
}

static void arrival_clear(struct arrival *a)
{
	if (a->kind == ARRIVAL_FINDING)
		finding_clear(&a->finding);
	else if (a->kind == ARRIVAL_NOT_JUDGED)
		not_judged_clear(&a->entry);
	else if (a->kind == ARRIVAL_ORDER)
		free(a->order);
	else
		free(a->fresh);
}

static void release_order(struct merge *merge, uint32_t slot, char *text)
{
	struct finding f;

	if (order_release(merge, slot, text, &f)) {
		f.operation =
			merge->shared->operations > 1
				? xstrdup(merge->out
						  ->operations[slot_operation(merge->shared, slot)]
						  .name)
				: NULL;
		release_finding(merge, slot, &f);
	}
	free(text);
}

char *merge_release(struct merge *merge, uint32_t slot)
{
	char *fresh = NULL;
	unsigned kept = 0;

	for (unsigned i = 0; i < merge->arrival_count; i++) {
		struct arrival *a = &merge->arrivals[i];

		if (a->slot != slot)
			merge->arrivals[kept++] = *a;
		else if (a->kind == ARRIVAL_FINDING)
			release_finding(merge, slot, &a->finding);
		else if (a->kind == ARRIVAL_NOT_JUDGED)
			release_not_judged(merge, slot, &a->entry);
		else if (a->kind == ARRIVAL_ORDER)
			release_order(merge, slot, a->order);
		else
			fresh = a->fresh;
	}
	merge->arrival_count = kept;
	return fresh;
}

void merge_forget(struct merge *merge, uint32_t slot)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < merge->arrival_count; i++) {
		if (merge->arrivals[i].slot == slot)
			arrival_clear(&merge->arrivals[i]);
		else
			merge->arrivals[kept++] = merge->arrivals[i];
	}
	merge->arrival_count = kept;
}

void merge_clear(struct merge *merge)
{
	for (unsigned i = 0; i < merge->arrival_count; i++)
		arrival_clear(&merge->arrivals[i]);
	free(merge->arrivals);
	orders_clear(merge);
	free(merge->baseline_ids);
	free(merge->last_slot);
	memset(merge, 0, sizeof(*merge));
}
