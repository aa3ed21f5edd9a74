// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sites were never refused, and why. A site is a call stack of the driver: where one request of a stack was refused,
 * the others of that stack are not missed. Points are listed together where they are one line of the
 * driver with one reason; usually there are none, and this costs nothing.
 */
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/symbols.h"
#include "../trace/util.h"

/* Of the points of one group, so many ranges are shown. */
#define RANGES_SHOWN 16
#define INLINED_MAX  8

struct missed {
	uint32_t n;
	uint32_t group; /* first point of its group */
	uint32_t stands;
	enum point_fate fate;
	const struct site *site;
};

struct missed_list {
	struct missed *list;
	uint32_t count;
};

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The stacks of which a point was refused, sorted; *count of them. */
static uint64_t *refused_stacks(const struct supervisor *s, unsigned operation, uint32_t *count)
{
	const struct baseline *base = &s->shared->baselines[operation];
	const uint8_t *fate = s->plan.operations[operation].fate;
	uint64_t *stacks = xcalloc(base->site_count, sizeof(*stacks));

	*count = 0;
	for (uint32_t i = 0; i < base->site_count; i++)
		if (fate[i] == FATE_REFUSED)
			stacks[(*count)++] = s->shared->about[base->first_site + i].stack;
	qsort(stacks, *count, sizeof(*stacks), compare_u64);
	return stacks;
}

static void collect(const struct supervisor *s, unsigned operation, struct missed_list *out)
{
	const struct baseline *base = &s->shared->baselines[operation];
	const struct operation_plan *of = &s->plan.operations[operation];
	uint32_t known;
	uint64_t *stacks = refused_stacks(s, operation, &known);

	out->list = xcalloc(base->site_count, sizeof(*out->list));
	for (uint32_t i = 0; i < base->site_count; i++) {
		const struct site *site = &s->shared->about[base->first_site + i];

		if (of->fate[i] == FATE_REFUSED)
			continue;
		if (of->fate[i] != FATE_SAME_STACK &&
		    bsearch(&site->stack, stacks, known, sizeof(*stacks), compare_u64))
			continue;
		out->list[out->count++] = (struct missed){.n = i + 1,
							  .fate = of->fate[i],
							  .stands = of->stands ? of->stands[i] : 0,
							  .site = site};
	}
	free(stacks);
}

/* Same line, same request, same reason: one group. */
static int compare_reason(const struct missed *x, const struct missed *y)
{
	if (x->site->place != y->site->place)
		return x->site->place < y->site->place ? -1 : 1;
	if (x->fate != y->fate)
		return x->fate < y->fate ? -1 : 1;
	if (x->stands != y->stands)
		return x->stands < y->stands ? -1 : 1;
	if (x->site->capability != y->site->capability)
		return x->site->capability < y->site->capability ? -1 : 1;
	return 0;
}

static int by_reason(const void *a, const void *b)
{
	const struct missed *x = a, *y = b;
	int order = compare_reason(x, y);

	return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static int by_group(const void *a, const void *b)
{
	const struct missed *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

static void group(struct missed_list *all)
{
	struct missed *list = all->list;

	qsort(list, all->count, sizeof(*list), by_reason);
	for (uint32_t i = 0; i < all->count; i++) {
		bool same = i && !compare_reason(&list[i - 1], &list[i]);

		list[i].group = same ? list[i - 1].group : list[i].n;
	}
	qsort(list, all->count, sizeof(*list), by_group);
}

static char *why_text(const struct supervisor *s, const struct missed *m)
{
	switch (m->fate) {
	case FATE_SAME_STACK:
		return xasprintf("same stack as point %u", m->stands);
	case FATE_SHALLOW:
		return xasprintf("left out of a shallow sweep");
	case FATE_SHARD:
		return xasprintf("in another shard");
	default:
		break;
	}
	if (s->out_of_time && s->released < s->plan.count)
		return xasprintf("over budget");
	if (s->merge.out->interrupted)
		return xasprintf("interrupted");
	return xasprintf("not reached by the run that was to refuse it");
}

/* "failslab(96 bytes) in foo_init [foo] foo.c:33". */
static char *site_text(uint64_t place, enum capability capability, uint64_t size)
{
	struct frame frames[INLINED_MAX], frame;
	const char *name = capability_name(capability);
	char bytes[32] = "";

	/* A call is not for so many bytes. */
	if (capability != FAIL_FUNCTION)
		snprintf(bytes, sizeof(bytes), "(%llu bytes)", (unsigned long long)size);
	/* The innermost comes first: the function that the source says it in. */
	symbols_resolve(place, false, frames, INLINED_MAX);
	frame = frames[0];
	if (!frame.file)
		return xasprintf("%s%s at %s+0x%llx [%s]", name, bytes, frame.function,
				 (unsigned long long)frame.offset,
				 frame.module ? frame.module : "kernel");
	return xasprintf("%s%s in %s [%s] %s:%d", name, bytes, frame.function,
			 frame.module ? frame.module : "kernel", frame.file, frame.line);
}

static char *points_text(const struct missed *list, uint32_t count)
{
	char *text = xstrdup("");
	unsigned ranges = 0;

	for (uint32_t i = 0, length; i < count; i += length) {
		char *longer;

		for (length = 1; i + length < count && list[i + length].n == list[i].n + length;)
			length++;
		if (ranges++ == RANGES_SHOWN) {
			longer = xasprintf("%s,...", text);
			free(text);
			return longer;
		}
		if (length == 1)
			longer = xasprintf("%s%s%u", text, i ? "," : "", list[i].n);
		else
			longer = xasprintf("%s%s%ux%u", text, i ? "," : "", list[i].n, length);
		free(text);
		text = longer;
	}
	return text;
}

/* Takes over what the entry owns. */
static void add_entry(struct supervisor *s, unsigned operation, struct never_refused entry)
{
	struct sweep_result *out = s->merge.out;

	if (s->shared->operations > 1)
		entry.operation = xstrdup(out->operations[operation].name);
	out->never_refused = xreallocarray(out->never_refused, out->never_refused_count + 1,
					   sizeof(*out->never_refused));
	out->never_refused[out->never_refused_count++] = entry;
}

static void add_missed(struct supervisor *s, unsigned operation, const struct missed *list,
		       uint32_t count)
{
	const struct site *site = list->site;

	add_entry(
		s, operation,
		(struct never_refused){.site = site_text(site->place, site->capability, site->size),
				       .points = points_text(list, count),
				       .why = why_text(s, list),
				       .count = count});
}

/* Requests that are no points, whatever the plan. */
static void note_passed(struct supervisor *s, unsigned operation)
{
	static const char *const why[] = {
		[PASSED_NOFAIL] = "__GFP_NOFAIL: the kernel never refuses it",
		[PASSED_POLICY] = "the policy lets it pass",
	};
	const struct baseline *base = &s->shared->baselines[operation];

	for (uint32_t i = 0; i < base->passed_count; i++) {
		const struct passed_site *p = &base->passed[i];

		add_entry(
			s, operation,
			(struct never_refused){
				.site = site_text(p->place, inject_capability_of(p->kind), p->size),
				.points = xstrdup(""),
				.why = xstrdup(why[p->why]),
				.count = p->count});
	}
}

static void note_operation(struct supervisor *s, unsigned operation)
{
	struct missed_list all = {0};

	if (!s->plan.operations[operation].fate)
		return;
	collect(s, operation, &all);
	group(&all);
	for (uint32_t i = 0, length; i < all.count; i += length) {
		for (length = 1;
		     i + length < all.count && all.list[i + length].group == all.list[i].group;)
			length++;
		add_missed(s, operation, all.list + i, length);
	}
	free(all.list);
	note_passed(s, operation);
}

void note_never_refused(struct supervisor *s)
{
	for (unsigned i = 0; i < s->shared->operations; i++)
		note_operation(s, i);
}
