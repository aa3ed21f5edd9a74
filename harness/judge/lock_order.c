// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graph of lock_order.h. Edges are records in a list; a hash table finds one again by its two classes. The list of a run
 * only grows, and its length is RUN_STATE: going back to a checkpoint cuts it. A slot of the table counts only as long as
 * the edge that it leads to is in the list and leads back to the slot, so nothing is ever cleared.
 *
 * What keeps orders that are correct from being reported:
 *
 *	a trylock			waits for nobody: no edge leads to it
 *	two locks of one class		parent and child, or by address: mutex_lock_nested() is mutex_lock() here
 *	A (parent), B, A (child)	the second A is nested: no edge from B to it
 *	readers				two readers do not wait for each other: a class that is only read on both sides
 *					of a cycle breaks it
 *	a device's mutex		has no class, as in lockdep
 *	irq-safe by design		a lock that is held with interrupts off has no edge to the interrupt
 */
#include "lock_order.h"

#include <string.h>
#include <xxhash.h>
#include "../trace/depot.h"
#include "../trace/run_state.h"
#include "../trace/util.h"
#include "evidence.h"

#define SLOTS (LOCK_EDGES_MAX * 4)

/* A list of edges and its index. */
struct graph {
	struct lock_edge *edges;
	uint32_t slots[SLOTS];	       /* of an edge with this hash: its index */
	uint32_t home[LOCK_EDGES_MAX]; /* the slot of each edge */
};

static struct graph run, known;
static RUN_STATE uint32_t run_count;
static uint32_t known_count;

bool lock_edge_same(const struct lock_edge *a, const struct lock_edge *b)
{
	return a->from.key == b->from.key && a->to.key == b->to.key &&
	       a->from_read == b->from_read && a->to_read == b->to_read;
}

/* The slot of this edge, or the empty one where it belongs: *found says which. */
static uint32_t find_slot(const struct graph *graph, uint32_t count, const struct lock_edge *edge,
			  bool *found)
{
	uint64_t mixed =
		edge->from.key ^ (edge->to.key * 31) ^ (edge->from_read * 2 + edge->to_read);
	uint32_t i = (uint32_t)(mixed >> 17) % SLOTS, at;

	for (;; i = (i + 1) % SLOTS) {
		at = graph->slots[i];
		if (at >= count || graph->home[at] != i)
			break;
		if (lock_edge_same(&graph->edges[at], edge)) {
			*found = true;
			return i;
		}
	}
	*found = false;
	return i;
}

static void put(struct graph *graph, uint32_t at, uint32_t slot)
{
	graph->slots[slot] = at;
	graph->home[at] = slot;
}

void lock_order_set_known(const struct lock_edge *list, uint32_t count)
{
	bool found;

	known.edges = (struct lock_edge *)list;
	for (known_count = 0; known_count < count; known_count++) {
		uint32_t slot = find_slot(&known, known_count, &list[known_count], &found);

		put(&known, known_count, slot);
	}
}

const struct lock_edge *lock_order_fresh(uint32_t i)
{
	return i < run_count ? &run.edges[i] : NULL;
}

void lock_order_begin(void)
{
	run_count = 0;
	if (!run.edges)
		run.edges = xcalloc(LOCK_EDGES_MAX, sizeof(*run.edges));
}

/* ---- adding ---- */

static void keep_place(struct lock_place *place, uint32_t stack, uint64_t caller)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	if (!n && caller)
		n = 1, pcs = &caller;
	place->count = n < LOCK_EDGE_FRAMES ? n : LOCK_EDGE_FRAMES;
	memcpy(place->pcs, pcs, place->count * sizeof(*pcs));
}

static const struct lock_edge *next_edge(uint32_t *at, void *arg)
{
	uint32_t i = (*at)++;

	if (i < known_count)
		return &known.edges[i];
	return lock_order_fresh(i - known_count);
}

static void tell_cycle(const struct lock_edge *edge, uint32_t stack)
{
	const struct lock_edge *cycle[LOCK_CYCLE_MAX];
	unsigned n = lock_order_cycle(edge, next_edge, NULL, cycle);
	struct evidence *e;

	if (!n)
		return;
	e = evidence_add(EVIDENCE_ORDER, FINDING_LOCK_ORDER, 0, lock_cycle_key(cycle, n));
	if (!e)
		return;
	e->stack = stack;
	e->splat = SPLAT_ORDER;
	e->cycle_length = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		e->cycle[i] = cycle[i];
	locks_tell_task(e);
	locks_tell_held(e);
	evidence_noted(e);
}

/* `stack`: where `to` was taken; 0: to be walked for, when the edge is new. */
static void add_edge(struct lock_edge *edge, const struct lock_held *from, uint32_t stack)
{
	uint32_t slot;
	bool found;

	if (!edge->from.key || !edge->to.key || edge->from.key == edge->to.key)
		return;
	find_slot(&known, known_count, edge, &found);
	if (found)
		return;
	slot = find_slot(&run, run_count, edge, &found);
	if (found || run_count == LOCK_EDGES_MAX)
		return;
	stack = stack ?: judge.eyes.caller().stack;
	keep_place(&edge->taken_at, stack, 0);
	if (from)
		keep_place(&edge->held_at, from->stack, from->caller);
	put(&run, run_count, slot);
	run.edges[run_count++] = *edge;
	tell_cycle(&run.edges[run_count - 1], stack);
}

/* What an interrupt takes does not depend on what it has interrupted. */
static struct lock_class class_of(const struct lock_held *held)
{
	if (held->kind == LOCK_RCU || held->flags & (LOCK_UNORDERED | LOCK_OUTSIDE))
		return (struct lock_class){.kind = held->kind};
	return lock_class_of(held->lock, held->kind);
}

/* One of the two must be the driver's doing. */
static void add_orders(const struct lock_class *to, const struct lock_held *taken,
		       const struct lock_held *held, unsigned n)
{
	struct lock_class classes[n];

	for (unsigned i = 0; i < n; i++) {
		classes[i] = class_of(&held[i]);
		if (classes[i].key && classes[i].key == to->key)
			return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct lock_edge edge = {
			.from = classes[i],
			.to = *to,
			.from_read = held[i].flags & LOCK_READ,
			.to_read = taken->flags & LOCK_READ,
			.from_lock = held[i].lock,
			.to_lock = taken->lock,
		};

		if ((taken->flags | held[i].flags) & LOCK_DRIVER)
			add_edge(&edge, &held[i], taken->stack);
	}
}

static void add_context(unsigned context, const struct lock_class *class,
			const struct lock_held *taken, bool inside)
{
	struct lock_class node = lock_class_of_context(context);
	bool read = taken->flags & LOCK_READ;
	struct lock_edge edge = {.from = inside ? node : *class,
				 .to = inside ? *class : node,
				 .from_read = !inside && read,
				 .to_read = inside && read,
				 .from_lock = inside ? 0 : taken->lock,
				 .to_lock = inside ? taken->lock : 0};

	add_edge(&edge, inside ? NULL : taken, taken->stack);
}

static bool spins(unsigned kind)
{
	return kind == LOCK_SPIN || kind == LOCK_RW;
}

/* Which interrupt may come while the lock is held, and which takes it. */
static void add_contexts(const struct lock_class *class, const struct lock_held *taken,
			 bool in_hardirq, bool in_softirq, bool softirqs_on)
{
	bool irqs_stay_on = (taken->flags & (LOCK_IRQS_WERE_ON | LOCK_IRQ)) == LOCK_IRQS_WERE_ON;

	if (!(taken->flags & LOCK_DRIVER) || !spins(taken->kind))
		return;
	if (in_hardirq && !(taken->flags & LOCK_TRIED))
		add_context(LOCK_HARDIRQ, class, taken, true);
	if (in_softirq && !(taken->flags & LOCK_TRIED))
		add_context(LOCK_SOFTIRQ, class, taken, true);
	if (irqs_stay_on && !in_hardirq)
		add_context(LOCK_HARDIRQ, class, taken, false);
	if (irqs_stay_on && softirqs_on && !in_softirq && !in_hardirq)
		add_context(LOCK_SOFTIRQ, class, taken, false);
}

void lock_order_taken(const struct lock_held *taken, const struct lock_held *held, unsigned n,
		      bool in_hardirq, bool in_softirq, bool softirqs_on)
{
	struct lock_class class = class_of(taken);

	if (!class.key)
		return;
	if (n && !(taken->flags & LOCK_TRIED))
		add_orders(&class, taken, held, n);
	add_contexts(&class, taken, in_hardirq, in_softirq, softirqs_on);
}

void lock_order_waits(const struct lock_class *what, const struct lock_held *held, unsigned n)
{
	const struct lock_held nothing = {.lock = 0};

	add_orders(what, &nothing, held, n);
}

/* A shrinker takes a lock. */
void lock_order_in_reclaim(const struct lock_held *taken)
{
	struct lock_class class = class_of(taken);

	if (class.key && !(taken->flags & LOCK_TRIED))
		add_context(LOCK_RECLAIM, &class, taken, true);
}

/* ---- cycles ---- */

struct walk {
	const struct lock_edge *(*next)(uint32_t *at, void *arg);
	void *arg;
	const struct lock_edge **cycle;
	unsigned depth;
};

/* May `b` be waited for by who took `a`? Not if both only read. */
static bool follows(const struct lock_edge *a, const struct lock_edge *b)
{
	return a->to.key == b->from.key && !(a->to_read && b->from_read);
}

static bool visited(const struct walk *w, uint64_t key)
{
	for (unsigned i = 0; i < w->depth; i++)
		if (w->cycle[i]->from.key == key)
			return true;
	return false;
}

static bool close_cycle(struct walk *w)
{
	const struct lock_edge *last = w->cycle[w->depth - 1], *edge;
	uint32_t at = 0;

	if (w->depth > 1 && follows(last, w->cycle[0]))
		return true;
	if (w->depth == LOCK_CYCLE_MAX || visited(w, last->to.key))
		return false;
	while ((edge = w->next(&at, w->arg))) {
		if (!follows(last, edge))
			continue;
		w->cycle[w->depth++] = edge;
		if (close_cycle(w))
			return true;
		w->depth--;
	}
	return false;
}

unsigned lock_order_cycle(const struct lock_edge *edge,
			  const struct lock_edge *(*next)(uint32_t *at, void *arg), void *arg,
			  const struct lock_edge *cycle[LOCK_CYCLE_MAX])
{
	struct walk w = {next, arg, cycle, 1};

	cycle[0] = edge;
	return close_cycle(&w) ? w.depth : 0;
}

uint64_t lock_cycle_key(const struct lock_edge *const *cycle, unsigned n)
{
	uint64_t key = 0;

	for (unsigned i = 0; i < n; i++)
		key += XXH64(&cycle[i]->to.key, sizeof(uint64_t), cycle[i]->from.key);
	return key;
}
