/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of locks: a graph whose nodes are classes (lock_class.h), with an edge A -> B where B was taken while A was held. A
 * cycle is a deadlock that may happen: nobody has to meet it. Contexts are nodes too, so that one search finds all of
 * lockdep's rules:
 *
 *	A -> B, B -> A				possible circular locking dependency
 *	L -> hardirq		L is taken with interrupts on: an interrupt may come while it is held
 *	hardirq -> L		L is taken by an interrupt handler: together, inconsistent lock state
 *	hardirq -> A -> B -> hardirq		hardirq-safe -> hardirq-unsafe lock order
 *	L -> fs_reclaim		memory is allocated under L, and may be waited for
 *	fs_reclaim -> L		a shrinker takes L
 *
 * Only what the driver takes part in is an edge: it took one of the two locks itself. An edge is found once in a run.
 *
 * What the baselines showed is handed to all later runs, as plain data (struct lock_edge); so is what each run showed, to
 * whoever puts runs together (lock_order_fresh()).
 */
#ifndef KFAIL_JUDGE_LOCK_ORDER_H
#define KFAIL_JUDGE_LOCK_ORDER_H

#include "finding.h"
#include "lock_class.h"

#define LOCK_EDGES_MAX	 2048 /* in one run, and of all baselines */
#define LOCK_EDGE_FRAMES 24
#define LOCK_CYCLE_MAX	 6 /* edges */

struct lock_place {
	uint64_t pcs[LOCK_EDGE_FRAMES];
	uint32_t count;
};

struct lock_edge {
	struct lock_class from, to;
	bool from_read, to_read;   /* held, taken for reading only */
	struct lock_place held_at; /* where `from` was taken */
	struct lock_place taken_at; /* where `to` was taken, under `from` */
	uint64_t from_lock, to_lock; /* addresses, when it was seen */
};

/* Edges that every run begins with: of the baselines. The array stays the caller's, and may grow behind `count`. */
void lock_order_set_known(const struct lock_edge *edges, uint32_t count);
/* The i-th edge that this run has added to those, or NULL: there are no more. */
const struct lock_edge *lock_order_fresh(uint32_t i);

/* The same edge, whatever lock and place showed it? */
bool lock_edge_same(const struct lock_edge *a, const struct lock_edge *b);

/* A cycle that `edge` closes: *cycle begins with it. Returns how many edges it has; 0: there is none. */
unsigned lock_order_cycle(const struct lock_edge *edge,
			  const struct lock_edge *(*next)(uint32_t *at, void *arg), void *arg,
			  const struct lock_edge *cycle[LOCK_CYCLE_MAX]);
/* The same for the same cycle, wherever it was entered. */
uint64_t lock_cycle_key(const struct lock_edge *const *cycle, unsigned n);
/* The finding that a cycle is, without schedule, id and replay. Not for hooks. */
void lock_order_finding(struct finding *f, const struct lock_edge *const *cycle, unsigned n);

/* For locks.c. A run begins. */
void lock_order_begin(void);
/* `taken` is the newest lock; the others that the task holds are in `held`, oldest first. */
void lock_order_taken(const struct lock_held *taken, const struct lock_held *held, unsigned n,
		      bool in_hardirq, bool in_softirq, bool softirqs_on);
/* A shrinker takes a lock. */
void lock_order_in_reclaim(const struct lock_held *taken);
/* Under the locks in `held`, something is waited for: a context, or the end of SRCU's readers. */
void lock_order_waits(const struct lock_class *what, const struct lock_held *held, unsigned n);

#endif
