// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan of a sweep (see plan.h for its six steps). Candidates are an array that each step makes shorter; what the first
 * steps leave out is remembered for each point, so that the report can say why a point was never refused.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"
#include "fresh.h"
#include "shared.h"

/* 2^64 divided by the golden ratio. */
#define GOLDEN 11400714819323198485ull

struct candidate {
	uint16_t operation;
	uint8_t form;
	uint32_t point;
};

struct candidates {
	struct candidate *list;
	uint32_t count, room;
};

static unsigned modes_of(const struct plan_options *options)
{
	unsigned modes = options->modes ? options->modes : PLAN_SINGLE;

	return modes & PLAN_PAIRS ? modes | PLAN_SINGLE : modes;
}

static unsigned depth_of(const struct plan_options *options)
{
	unsigned least = options->modes & PLAN_PAIRS ? 2 : 1;

	return options->depth > least ? options->depth : least;
}

static bool all_pairs(const struct plan_options *options, const struct slot *slot)
{
	return options->modes & PLAN_PAIRS && slot->depth == 1;
}

bool plan_grows(const struct sweep_options *options)
{
	if (options->schedules)
		return options->plan.interrupts;
	return depth_of(&options->plan) > 1;
}

static bool plan_follows(const struct plan_options *options, const struct slot *slot)
{
	return slot->form == SLOT_POINT && slot->depth < depth_of(options);
}

bool plan_wants_fresh(const struct plan_options *options, const struct slot *slot)
{
	if (slot->form == SLOT_GIVEN)
		return options->interrupts;
	return plan_follows(options, slot) && !all_pairs(options, slot);
}

/* The seed's place in a circle of `size`. */
static uint32_t place_in(uint64_t seed, uint32_t size)
{
	return (uint32_t)((unsigned __int128)(seed * GOLDEN) * size >> 64);
}

/* ---- candidates ---- */

static void add(struct candidates *all, unsigned operation, enum slot_form form, uint32_t point)
{
	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : 256;
		all->list = xreallocarray(all->list, all->room, sizeof(*all->list));
	}
	all->list[all->count++] = (struct candidate){(uint16_t)operation, (uint8_t)form, point};
}

static void set_fate(struct plan *plan, const struct candidate *c, enum point_fate fate)
{
	if (c->form == SLOT_POINT || c->form == SLOT_ONWARD)
		plan->operations[c->operation].fate[c->point - 1] = (uint8_t)fate;
}

static bool stacks_once(const struct plan_options *options, const struct baseline *base)
{
	if (options->stacks == STACKS_AUTO)
		return base->points > STACKS_ALL_MAX;
	return options->stacks == STACKS_ONCE;
}

struct numbered {
	uint64_t number;
	uint32_t n;
};

static int compare_stack(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

/* Of the points with one stack, all but the first are left out. */
static void leave_out_known_stacks(struct plan *plan, unsigned operation)
{
	const struct baseline *base = &plan->shared->baselines[operation];
	struct operation_plan *of = &plan->operations[operation];
	struct numbered *stacks = xcalloc(base->site_count, sizeof(*stacks));
	uint32_t first = 0;

	of->stands = xcalloc(base->points, sizeof(*of->stands));
	for (uint32_t i = 0; i < base->site_count; i++)
		stacks[i] =
			(struct numbered){plan->shared->about[base->first_site + i].stack, i + 1};
	qsort(stacks, base->site_count, sizeof(*stacks), compare_stack);
	for (uint32_t i = 1; i < base->site_count; i++) {
		if (stacks[i].number != stacks[first].number) {
			first = i;
			continue;
		}
		of->fate[stacks[i].n - 1] = FATE_SAME_STACK;
		of->stands[stacks[i].n - 1] = stacks[first].n;
		of->same_stack++;
	}
	free(stacks);
}

static void add_points(struct plan *plan, struct candidates *all, unsigned operation,
		       enum slot_form form)
{
	const struct operation_plan *of = &plan->operations[operation];
	uint32_t points = plan->shared->baselines[operation].points;

	for (uint32_t n = 1; n <= points; n++)
		if (of->fate[n - 1] != FATE_SAME_STACK)
			add(all, operation, form, n);
}

static void add_operation(struct plan *plan, struct candidates *all, unsigned operation)
{
	const struct plan_options *options = &plan->options->plan;
	const struct baseline *base = &plan->shared->baselines[operation];
	unsigned modes = modes_of(options);

	/* Without a way through the operation, every other run would only meet the same end. */
	if (base->died && base->in_init)
		return;
	if (options->interrupts) {
		for (uint32_t n = 1; n <= base->interrupts; n++)
			add(all, operation, SLOT_INTERRUPT, n);
		return;
	}
	plan->operations[operation].fate = xcalloc(base->points, 1);
	if (stacks_once(options, base))
		leave_out_known_stacks(plan, operation);
	if (modes & PLAN_SINGLE)
		add_points(plan, all, operation, SLOT_POINT);
	if (modes & PLAN_PERSISTENT)
		add_points(plan, all, operation, SLOT_ONWARD);
}

static void add_given(struct plan *plan, struct candidates *all, unsigned operation)
{
	const struct baseline *base = &plan->shared->baselines[operation];

	if (base->died && base->in_init)
		return;
	for (uint32_t i = 0; i < plan->options->schedule_count; i++)
		add(all, operation, SLOT_GIVEN, i);
}

/* ---- fewer ---- */

static void keep_shallow(struct plan *plan, struct candidates *all)
{
	const struct plan_options *options = &plan->options->plan;
	uint32_t count = all->count, offset = place_in(options->seed, count), kept = 0;
	uint64_t wanted;

	if (!options->shallow || options->shallow >= count)
		return;
	for (uint32_t i = 0; i < count; i++) {
		/* The first at or behind offset / shallow, and then in equal steps. */
		wanted = ((uint64_t)kept * count + offset) / options->shallow;
		if (kept < options->shallow && i == wanted)
			all->list[kept++] = all->list[i];
		else
			set_fate(plan, &all->list[i], FATE_SHALLOW);
	}
	all->count = kept;
}

static void keep_shard(struct plan *plan, struct candidates *all)
{
	const struct plan_options *options = &plan->options->plan;
	uint32_t kept = 0;

	if (!options->shards)
		return;
	for (uint32_t i = 0; i < all->count; i++) {
		if (i % options->shards == options->shard - 1)
			all->list[kept++] = all->list[i];
		else
			set_fate(plan, &all->list[i], FATE_SHARD);
	}
	all->count = kept;
}

/* ---- slots ---- */

static struct slot *new_slot(struct plan *plan)
{
	struct slot *slot;

	if (plan->count == SLOTS_MAX) {
		plan->full = true;
		return NULL;
	}
	slot = &plan->shared->slots[plan->count++];
	memset(slot, 0, sizeof(*slot));
	slot->parent = NO_SLOT;
	return slot;
}

static void add_slot(struct plan *plan, const struct candidate *c)
{
	struct slot *slot = new_slot(plan);

	if (!slot)
		return;
	slot->operation = c->operation;
	slot->form = c->form;
	slot->point = c->point;
	slot->depth = c->form == SLOT_POINT;
	/* One operation with a point in both modes is planned if either is. */
	set_fate(plan, c, FATE_PLANNED);
}

static void add_slots(struct plan *plan, const struct candidates *all)
{
	const struct sweep_options *options = plan->options;
	uint32_t begin = options->plan.budget_s ? place_in(options->plan.seed, all->count) : 0;

	for (uint32_t i = 0; i < all->count; i++)
		add_slot(plan, &all->list[(begin + i) % all->count]);
}

/* A point in two modes is one point in two runs. */
static uint32_t planned_points(const struct plan *plan)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < plan->shared->operations; i++) {
		const uint8_t *fate = plan->operations[i].fate;

		for (uint32_t n = 0; fate && n < plan->shared->baselines[i].points; n++)
			count += fate[n] == FATE_PLANNED;
	}
	return count;
}

void plan_begin(struct plan *plan, const struct sweep_options *options, struct shared *shared)
{
	unsigned repeat = options->repeat ? options->repeat : 1;
	struct candidates all = {0};

	*plan = (struct plan){.options = options, .shared = shared};
	plan->operations = xcalloc(shared->operations, sizeof(*plan->operations));
	if (options->baseline_only)
		return;
	for (unsigned i = 0; i < shared->operations; i++) {
		if (options->schedules)
			add_given(plan, &all, i);
		else
			add_operation(plan, &all, i);
	}
	keep_shallow(plan, &all);
	keep_shard(plan, &all);
	for (unsigned i = 0; i < repeat; i++)
		add_slots(plan, &all);
	plan->first_wave = all.count;
	plan->points =
		options->schedules || options->plan.interrupts ? all.count : planned_points(plan);
	free(all.list);
}

/* ---- follow-ups ---- */

struct parent {
	struct plan *plan;
	uint32_t slot;
	enum slot_form form; /* of its children */
};

static void add_child(uint32_t n, void *arg)
{
	const struct parent *parent = arg;
	const struct slot *from = &parent->plan->shared->slots[parent->slot];
	struct slot *slot = new_slot(parent->plan);

	if (!slot)
		return;
	slot->parent = parent->slot;
	slot->operation = from->operation;
	slot->form = (uint8_t)parent->form;
	slot->point = n;
	slot->depth = from->depth + 1;
}

void plan_follow(struct plan *plan, uint32_t slot, const char *fresh)
{
	const struct plan_options *options = &plan->options->plan;
	const struct slot *s = &plan->shared->slots[slot];
	struct parent parent = {plan, slot, SLOT_POINT};

	/* The same runs repeated have the same follow-ups. */
	if (slot >= plan->first_wave && s->depth <= 1)
		return;
	if (s->form == SLOT_GIVEN && fresh) {
		parent.form = SLOT_INTERRUPT;
		fresh_for_each(fresh, add_child, &parent);
		return;
	}
	if (!plan_follows(options, s) || !(s->flags & RUN_CONSUMED))
		return;
	if (fresh)
		fresh_for_each(fresh, add_child, &parent);
	if (all_pairs(options, s))
		for (uint32_t n = s->point + 1; n <= s->points; n++)
			add_child(n, &parent);
}

void plan_note_refused(struct plan *plan, uint32_t slot)
{
	const struct slot *s = &plan->shared->slots[slot];
	const struct candidate c = {s->operation, s->form, s->point};

	if (s->parent == NO_SLOT && s->flags & RUN_CONSUMED)
		set_fate(plan, &c, FATE_REFUSED);
}

void plan_clear(struct plan *plan)
{
	for (unsigned i = 0; plan->operations && i < plan->shared->operations; i++) {
		free(plan->operations[i].fate);
		free(plan->operations[i].stands);
	}
	free(plan->operations);
	*plan = (struct plan){0};
}

/* ---- as text ---- */

static void print_modes(FILE *out, unsigned modes)
{
	fprintf(out, " mode=%s", modes & PLAN_SINGLE ? "single" : "persistent");
	if (modes & PLAN_SINGLE && modes & PLAN_PERSISTENT)
		fputs(",persistent", out);
	if (modes & PLAN_PAIRS)
		fputs(",pairs", out);
}

char *plan_print(const struct plan_options *options)
{
	unsigned modes = modes_of(options);
	char *text = NULL, *trimmed;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		out_of_host_memory(0);
	if (modes != PLAN_SINGLE)
		print_modes(out, modes);
	if (options->depth > 1)
		fprintf(out, " depth=%u", options->depth);
	if (options->interrupts)
		fputs(" irq-everywhere", out);
	if (options->stacks != STACKS_AUTO)
		fprintf(out, " stacks=%s", options->stacks == STACKS_ONCE ? "once" : "all");
	if (options->stack_depth)
		fprintf(out, " stack-depth=%u", options->stack_depth);
	if (options->shallow)
		fprintf(out, " shallow=%u", options->shallow);
	if (options->shallow || options->budget_s)
		fprintf(out, " seed=%llu", (unsigned long long)options->seed);
	fclose(out);
	trimmed = xstrdup(text + (text[0] == ' '));
	free(text);
	return trimmed;
}
