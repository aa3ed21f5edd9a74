// SPDX-License-Identifier: GPL-2.0-only
/*
 * Orders of locks, put together: one run takes B under A, another one A under B. Neither of them is wrong by itself, and
 * no worker has seen both.
 *
 *	worker	--E: edges that the baselines did not show--> arrivals --in the order of slots--> orders
 *
 * Each edge is kept with the first run that showed it. A new one that closes a cycle with those of the baselines and of other
 * runs is a finding, which needs all those runs: `together` names the others, and the replay line makes them all.
 */
#include "orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

/* ---- on the pipe: an edge as hexadecimal digits ---- */

char *order_to_text(const struct lock_edge *edge)
{
	const uint8_t *bytes = (const uint8_t *)edge;
	char *text = xcalloc(2 * sizeof(*edge) + 1, 1);

	for (size_t i = 0; i < sizeof(*edge); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static bool order_from_text(const char *text, struct lock_edge *edge)
{
	uint8_t *bytes = (uint8_t *)edge;
	unsigned byte;

	if (strlen(text) != 2 * sizeof(*edge))
		return false;
	for (size_t i = 0; i < sizeof(*edge); i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		bytes[i] = (uint8_t)byte;
	}
	return edge->held_at.count <= LOCK_EDGE_FRAMES && edge->taken_at.count <= LOCK_EDGE_FRAMES;
}

/* ---- the graph: the baselines' edges, then those of other runs ---- */

static const struct lock_edge *next_edge(uint32_t *at, void *arg)
{
	const struct merge *merge = arg;
	uint32_t i = (*at)++, known = merge->shared->lock_edge_count;

	if (i < known)
		return &merge->shared->lock_edges[i];
	return i - known < merge->order_count ? &merge->orders[i - known]->edge : NULL;
}

static bool is_known(struct merge *merge, const struct lock_edge *edge)
{
	const struct lock_edge *known;
	uint32_t at = 0;

	while ((known = next_edge(&at, merge)))
		if (lock_edge_same(known, edge))
			return true;
	return false;
}

/* The run that an edge of a cycle comes from; NO_SLOT: a baseline. */
static uint32_t slot_of(const struct merge *merge, const struct lock_edge *edge)
{
	for (unsigned i = 0; i < merge->order_count; i++)
		if (&merge->orders[i]->edge == edge)
			return merge->orders[i]->slot;
	return NO_SLOT;
}

/* ---- findings ---- */

static void append(char **text, const char *before, const char *more)
{
	char *longer = xasprintf("%s%s%s", *text ? *text : "", *text ? before : "", more);

	free(*text);
	*text = longer;
}

static char *schedule_of(const struct merge *merge, uint32_t slot)
{
	char text[SCHEDULE_TEXT_MAX];
	struct schedule schedule;

	slot_schedule(merge->options, merge->shared, slot, &schedule);
	return xstrdup(schedule_print(&schedule, text, sizeof(text)));
}

/* The other runs of a cycle, each once, as schedules with blanks between; NULL: the newest one has it alone, and has told. */
static char *other_runs(const struct merge *merge, const struct lock_edge *const *cycle, unsigned n,
			uint32_t newest)
{
	uint32_t seen[LOCK_CYCLE_MAX];
	unsigned count = 0;
	char *text = NULL;

	for (unsigned i = 0; i < n; i++) {
		uint32_t slot = slot_of(merge, cycle[i]);
		bool again = slot == newest || slot == NO_SLOT;
		char *schedule;

		for (unsigned k = 0; k < count; k++)
			again |= seen[k] == slot;
		if (again)
			continue;
		seen[count++] = slot;
		schedule = schedule_of(merge, slot);
		append(&text, " ", schedule);
		free(schedule);
	}
	return text;
}

static bool find_cycle(struct merge *merge, uint32_t slot, const struct lock_edge *edge,
		       struct finding *f)
{
	const struct lock_edge *cycle[LOCK_CYCLE_MAX];
	unsigned n = lock_order_cycle(edge, next_edge, merge, cycle);
	char *together = n ? other_runs(merge, cycle, n, slot) : NULL, *what;

	if (!together)
		return false;
	memset(f, 0, sizeof(*f));
	lock_order_finding(f, cycle, n);
	f->together = together;
	f->schedule = schedule_of(merge, slot);
	what = xasprintf("%s (seen in runs of their own, under the schedules %s and %s)", f->what,
			 together, f->schedule);
	free(f->what);
	f->what = what;
	return true;
}

bool order_release(struct merge *merge, uint32_t slot, const char *text, struct finding *f)
{
	struct order *order = xcalloc(1, sizeof(*order));

	if (!order_from_text(text, &order->edge) || is_known(merge, &order->edge)) {
		free(order);
		return false;
	}
	order->slot = slot;
	merge->orders =
		xreallocarray(merge->orders, merge->order_count + 1, sizeof(*merge->orders));
	merge->orders[merge->order_count++] = order;
	return find_cycle(merge, slot, &order->edge, f);
}

void orders_clear(struct merge *merge)
{
	for (unsigned i = 0; i < merge->order_count; i++)
		free(merge->orders[i]);
	free(merge->orders);
}
