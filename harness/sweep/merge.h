/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many runs' findings become one result: brought into the order of schedules, told once each.
 */
#ifndef KFAIL_SWEEP_MERGE_H
#define KFAIL_SWEEP_MERGE_H

#include "shared.h"

struct merge {
	const struct sweep_options *options;
	const struct target *target;
	bool restoring; /* what comes in was found before this process began */
	const struct shared *shared;
	struct sweep_result *out;
	struct arrival {
		uint32_t slot;
		enum { ARRIVAL_FINDING, ARRIVAL_NOT_JUDGED, ARRIVAL_FRESH, ARRIVAL_ORDER } kind;
		union {
			struct finding finding;
			struct not_judged entry;
			char *fresh; /* points, as text */
			char *order; /* order_to_text() */
		};
	} * arrivals; /* not released yet */
	unsigned arrival_count, arrival_room;
	char (*baseline_ids)[17]; /* of its findings, as if nothing had been refused */
	unsigned baseline_count;
	unsigned looked_again, hangs_again; /* findings that were confirmed, or not */
	bool baseline_differs;		    /* from itself, when it is run again */
	struct order **orders; /* of locks, that the baselines did not show (orders.h) */
	unsigned order_count;
	uint32_t *last_slot; /* of out->findings[i]: the newest run that showed it */
};

/* One line of a worker's pipe. False: it is not one. */
bool merge_line(struct merge *merge, char *line);
/* The same for what the supervisor says itself; takes over what the entry owns. */
void merge_finding(struct merge *merge, uint32_t slot, const struct finding *finding);
void merge_not_judged(struct merge *merge, uint32_t slot, const struct not_judged *entry);

/* The points of a run's error path, as text. */
void merge_fresh(struct merge *merge, uint32_t slot, const char *text);
/* Something is not judged that is no run's: it stands in the result at once. Takes over what the entry owns. */
void merge_note(struct merge *merge, const struct not_judged *entry);
/* A finding of a run that was made before this process began, with how often it was seen; `slot` is the baseline's if it is the
 * baseline that shows it, else NO_SLOT. Takes over what it owns. */
void merge_restore(struct merge *merge, uint32_t slot, struct finding *finding);
/* When all runs are made: findings of before that were not yet looked at again are. */
void merge_conclude(struct merge *merge);

/* How many points a schedule refuses, and the first of them (0: none). */
int64_t schedule_refusals(const char *text, uint32_t *first);

/* How many lines of this slot are here. */
unsigned merge_arrived(const struct merge *merge, uint32_t slot);
/* All of the slot's lines are here, and those of the slots before it are released: they count now. Returns the points of
 * its error path (for free()), or NULL. */
char *merge_release(struct merge *merge, uint32_t slot);
/* Its lines do not count: the run is made again. */
void merge_forget(struct merge *merge, uint32_t slot);
void merge_clear(struct merge *merge);

#endif
