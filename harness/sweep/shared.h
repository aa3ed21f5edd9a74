/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What supervisor and workers share: one block of memory for numbers, and a pipe per worker for text.
 *
 *	queue      workers take the next slot with one atomic add
 *	slot       one per run: its state and what it came to
 *	worker     what a worker is doing, so that its end can be blamed on a run
 *	baseline   what it showed; written once, by the first worker, before any slot is taken
 *
 * Findings are lines "SLOT KIND JSON\n" in the pipe, KIND 'F' for a finding and 'N' for "not judged"; slot BASELINE
 * is the baseline's. A slot says how many lines belong to it, so that the supervisor knows when it has
 * all, however far the pipe is behind.
 */
#ifndef KFAIL_SWEEP_SHARED_H
#define KFAIL_SWEEP_SHARED_H

#include <stdatomic.h>
#include "sweep.h"

#define JOBS_MAX   256
#define SITES_MAX  (1u << 20) /* points whose site is compared; runs may have more */
#define SLOTS_MAX  (1u << 24)
#define KEYS_MAX   4096
#define ALIVE_MAX  65536
#define PLACES_MAX 16
#define BASELINE   UINT32_MAX /* in the place of a slot number */
#define IDLE	   (UINT32_MAX - 1)

enum slot_state { SLOT_WAITING, SLOT_DONE };

/* What a run came to: bits of slot.flags. */
enum {
	RUN_CONSUMED = 1,
	RUN_ACCUSED = 2,
	RUN_ABSORBED = 4, /* consumed, and init succeeded all the same */
	RUN_NOT_JUDGED = 8,
};

struct slot {
	_Atomic uint8_t state;
	uint8_t flags;
	uint16_t lines; /* in the pipe */
};

struct worker_cell {
	_Atomic uint32_t current; /* slot, BASELINE, or IDLE */
	_Atomic uint32_t beats;
	uint32_t place_count; /* what a worker had to name before it went */
	uint64_t places[PLACES_MAX];
};

struct shared {
	_Atomic uint32_t next;	/* slot to be taken */
	_Atomic uint32_t count; /* of slots; 0 until the baseline is done */
	struct {
		_Atomic uint32_t done;
		bool died, in_init, returned, not_judged;
		uint16_t lines;
		int64_t result;
		uint32_t points;
		uint32_t key_count;
		uint64_t keys[KEYS_MAX];
		uint32_t alive_count;
		uint8_t alive[ALIVE_MAX];
	} baseline;
	struct worker_cell workers[JOBS_MAX];
	uint64_t sites[SITES_MAX];
	struct slot slots[SLOTS_MAX];
};

/* Memory that is shared with the processes forked later; NULL: none. */
struct shared *shared_new(void);
void shared_free(struct shared *shared);

/* worker.c: the schedule of a slot; its number as text is what findings carry. */
void slot_schedule(const struct sweep_options *options, const struct shared *shared, uint32_t slot,
		   struct schedule *out);

/* worker.c: the life of worker `index` in a forked process: the baseline if it is not done, then runs until the
 * queue is empty or a run has cost the world. Does not return. */
_Noreturn void worker_main(const struct target *target, const struct sweep_options *options,
			   struct shared *shared, unsigned index, int pipe);

/* worker.c: what later runs are compared with. */
void shared_expect(const struct shared *shared, struct run_expect *out);

/* Exit statuses of a worker. */
enum { WORKER_DONE = 0, WORKER_SPENT = 10, WORKER_BROKEN = 11 };

#endif
