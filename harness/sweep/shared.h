/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What supervisor and workers share: one block of memory for numbers, and a pipe per worker for text.
 *
 *	baseline   one per operation of the scenario: what it showed; written once, before any slot exists
 *	slot       one per run: what is to be run (written by the supervisor before `count` passes it), who took it,
 *	           and what it came to
 *	next       a hint where the first slot is that nobody has taken
 *	orders     in which the baselines took locks: edges of the judge's graph, for all later runs
 *	worker     what a worker is doing, so that its end can be blamed on a run
 *
 * A slot is a worker's from the moment that the worker's number stands in `owner`, by one compare-and-swap: whoever is
 * killed at whatever instruction has either taken it, and the supervisor finds its number there and gives
 * the slot back, or has not. `next` only saves others from looking at what is taken; the upper half counts how often
 * the supervisor has put it back, so that no late worker moves it past a slot that was given back meanwhile.
 *
 * Text goes through the pipe as lines "SLOT KIND TEXT\n": KIND 'F' is a finding and 'N' a "not judged" as JSON, 'P' the
 * points that exist only on this run's error path, as ranges "8x3,12". Baselines have numbers
 * above all slots. A slot says how many lines belong to it, so that the supervisor knows when it has all, however far
 * the pipe is behind.
 */
#ifndef KFAIL_SWEEP_SHARED_H
#define KFAIL_SWEEP_SHARED_H

#include <semaphore.h>
#include <stdatomic.h>
#include "../inject/passed.h"
#include "../judge/lock_order.h"
#include "sweep.h"

#define JOBS_MAX       256
#define SITES_MAX      (1u << 20) /* points of all baselines that are compared; runs may have more */
#define SLOTS_MAX      (1u << 24)
#define KEYS_MAX       4096
#define ALIVE_MAX      65536
#define PLACES_MAX     16
#define RETURNED_MAX   1024
#define OPERATIONS_MAX 256

/* In the place of a slot's number. */
#define IDLE	 UINT32_MAX
#define BASELINE (UINT32_MAX - OPERATIONS_MAX) /* of operation 0; the others' follow */
#define NO_SLOT	 UINT32_MAX

static inline bool is_baseline(uint32_t slot)
{
	return slot >= BASELINE && slot != IDLE;
}

enum slot_state { SLOT_WAITING, SLOT_DONE };

/* Which schedule a slot stands for. */
enum slot_form {
	SLOT_POINT,	/* what its parent refuses, and `point` */
	SLOT_ONWARD,	/* `point` and all after */
	SLOT_GIVEN,	/* number `point` of the schedules that the caller gave */
	SLOT_INTERRUPT, /* what its parent does, and the interrupt of point `point` */
};

struct slot {
	/* the plan */
	uint32_t parent; /* slot, or NO_SLOT */
	uint32_t point;
	uint16_t operation;
	uint8_t form;
	uint8_t depth; /* refusals; 0: SLOT_GIVEN */
	/* the run */
	_Atomic uint16_t owner; /* worker + 1; 0: nobody's */
	_Atomic uint8_t state;
	uint8_t ends; /* workers that ended in it without a word */
	uint8_t flags;
	bool stored;	 /* the run was made before this sweep was resumed */
	uint16_t lines;	 /* in the pipe */
	uint32_t points; /* requests that it made */
	int64_t result;
};

struct worker_cell {
	_Atomic uint32_t current; /* slot, baseline, or IDLE */
	_Atomic uint32_t row_end; /* slots from `current` up to here may be this worker's */
	_Atomic uint32_t beats;
	uint32_t place_count; /* what a worker had to name before it went */
	uint64_t places[PLACES_MAX];
};

struct baseline {
	_Atomic uint32_t done;
	bool died, in_init, returned, not_judged;
	uint8_t ends;
	uint16_t lines;
	int64_t result;
	int64_t results[RUN_OPERATIONS_MAX]; /* of all operations from this one on */
	uint32_t points;
	uint32_t interrupts; /* interrupt points */
	uint32_t first_site; /* of point 1, in shared.sites */
	uint32_t site_count; /* points whose site is kept */
	uint64_t ns;	     /* of CPU time that a run of it took, the quickest of some */
	uint32_t key_count;
	uint64_t keys[KEYS_MAX];
	uint32_t first_lock_edge; /* of this baseline's, in shared.lock_edges */
	bool gives_back;
	uint32_t alive_count;
	uint8_t alive[ALIVE_MAX];
	uint32_t freed_at_count;
	struct returned freed_at[RETURNED_MAX]; /* where it gave back what it had allocated */
	uint32_t passed_count;			/* requests that are no points */
	struct passed_site {
		uint64_t place;
		uint64_t size;
		uint32_t count;
		uint8_t kind, why; /* enum kf_kind, enum passed_why */
	} passed[PASSED_MAX];
};

/* What a request of a baseline was. */
struct site {
	uint64_t
		stack; /* number of the driver's frames, for the question "was this call stack refused already?" */
	uint64_t place; /* address in the driver that it returns to; 0 when there is none */
	uint32_t size;
	uint8_t capability; /* enum capability */
};

struct shared {
	sem_t work;		/* posted when there may be some, or none will come */
	_Atomic uint64_t next;	/* upper half: how often it was put back; lower half: a slot */
	_Atomic uint32_t count; /* of slots */
	_Atomic bool complete;	/* the plan has no further slots */
	_Atomic bool stopped;	/* none is to be taken any more */
	enum canary canary;
	uint32_t operations;
	uint32_t site_count; /* used of the two arrays below */
	struct baseline baselines[OPERATIONS_MAX];
	uint32_t lock_edge_count;
	struct lock_edge lock_edges[LOCK_EDGES_MAX];
	struct worker_cell workers[JOBS_MAX];
	uint64_t sites[SITES_MAX]; /* run_site() */
	struct site about[SITES_MAX];
	struct slot slots[SLOTS_MAX];
};

/* Memory that is shared with the processes forked later; NULL: none. */
struct shared *shared_new(void);
void shared_free(struct shared *shared);

/* What later runs of an operation are compared with. */
void shared_expect(const struct shared *shared, unsigned operation, struct run_expect *out);
/* The schedule of a slot or baseline. */
void slot_schedule(const struct sweep_options *options, const struct shared *shared, uint32_t slot,
		   struct schedule *out);
unsigned slot_operation(const struct shared *shared, uint32_t slot);
/* The first slot from `slot` on that nobody has taken, or `count`. */
uint32_t slot_next(const struct shared *shared);
enum take {
	TAKE_NONE, /* there is no slot now */
	TAKE_SOME,
	TAKE_BEHIND, /* the next slot's operation lies before the worker's: it needs another worker */
};

/* In a worker whose world stands before `operation`, and which cannot go back: take the next slot, and up to `row` with
 * those behind it that refuse the points that follow: *first to *last. */
enum take slot_take(struct shared *shared, unsigned worker, unsigned operation, unsigned row,
		    uint32_t *first, uint32_t *last);
/* In the supervisor: a slot that is not done is anybody's again. */
void slot_give_back(struct shared *shared, uint32_t slot);

/* worker.c: the life of worker `index` in a forked process: baselines that are not done, then runs until no further slot
 * will come or a run has cost the world. Does not return. */
_Noreturn void worker_main(const struct target *target, const struct sweep_options *options,
			   struct shared *shared, unsigned index, int pipe);

/* Exit statuses of a worker. */
enum { WORKER_DONE = 0, WORKER_SPENT = 10, WORKER_BROKEN = 11, WORKER_PARANOID = 12 };

#endif
