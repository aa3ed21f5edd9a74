/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Orders of locks that no single run shows to be wrong (judge/lock_order.h).
 */
#ifndef KFAIL_SWEEP_ORDERS_H
#define KFAIL_SWEEP_ORDERS_H

#include "../judge/lock_order.h"
#include "merge.h"

/* An edge, and the first run that showed it. */
struct order {
	struct lock_edge edge;
	uint32_t slot;
};

/* For the pipe; malloc()ed. */
char *order_to_text(const struct lock_edge *edge);

/* In the supervisor: an edge that a run showed, in the order of slots. True: together with other runs' it closes a cycle, and
 * *f is the finding, with its schedule and `together`. */
bool order_release(struct merge *merge, uint32_t slot, const char *text, struct finding *f);

void orders_clear(struct merge *merge);

#endif
