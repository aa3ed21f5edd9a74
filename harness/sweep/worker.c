// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a worker (see shared.h for what it shares with the supervisor).
 *
 * Order of writes matters, since a worker may die at any instruction: a slot is its own before it touches the world, its
 * findings are in the pipe before the slot is done, and the slot is done before it goes idle. Whoever dies in
 * between is found with a slot that is not done.
 *
 * A run without findings writes two cache lines of shared memory and makes no system call. Whoever finds no slot waits
 * for the supervisor: later parts of a plan come from the results of earlier ones.
 */
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "../snapshot/paranoid.h"
#include "../trace/util.h"
#include "fresh.h"
#include "orders.h"
#include "pass.h"

#define ORDERS_MAX 256 /* of locks, that one run adds */

static struct worker worker;

static void beat(void)
{
	atomic_fetch_add_explicit(&worker.cell->beats, 1, memory_order_relaxed);
}

/* ---- the pipe ---- */

static void send_all(const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(worker.pipe, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(WORKER_BROKEN); /* the supervisor is gone */
		bytes += n;
		size -= (size_t)n;
	}
}

void worker_ring(struct worker *w)
{
	send_all("\n", 1);
}

void worker_send(struct worker *w, uint32_t slot, char kind, char *text)
{
	char *line = xasprintf("%u %c %s\n", slot, kind, text);

	send_all(line, strlen(line));
	free(line);
	free(text);
}

/* A scenario with one operation has no need to name it. */
static char *operation_name(const struct worker *w, uint32_t slot)
{
	if (w->shared->operations < 2)
		return NULL;
	return xstrdup(run_operation_name(w->target, slot_operation(w->shared, slot)));
}

uint16_t worker_send_result(struct worker *w, uint32_t slot, struct run_result *result)
{
	uint16_t lines = 0;

	for (unsigned i = 0; i < result->finding_count; i++, lines++) {
		if (!result->findings[i].operation)
			result->findings[i].operation = operation_name(w, slot);
		worker_send(w, slot, 'F', finding_to_json(&result->findings[i]));
	}
	if (!result->not_judged)
		return lines;
	if (!result->why.operation)
		result->why.operation = operation_name(w, slot);
	worker_send(w, slot, 'N', not_judged_to_json(&result->why));
	return lines + 1;
}

uint16_t worker_send_unable(struct worker *w, uint32_t slot, const char *why)
{
	struct run_result result = {.not_judged = true, .why = {.why = xstrdup(why)}};
	char text[SCHEDULE_TEXT_MAX];
	struct schedule schedule;

	slot_schedule(w->options, w->shared, slot, &schedule);
	result.why.schedule = xstrdup(schedule_print(&schedule, text, sizeof(text)));
	worker_send_result(w, slot, &result);
	run_result_clear(&result);
	return 1;
}

_Noreturn void worker_leave(struct worker *w)
{
	w->cell->place_count = judge_places(w->cell->places, PLACES_MAX);
	_exit(WORKER_SPENT);
}

/* ---- runs ---- */

static uint8_t flags_of(const struct run_result *result)
{
	uint8_t flags = 0;

	if (result->consumed)
		flags |= RUN_CONSUMED;
	if (result->accused)
		flags |= RUN_ACCUSED;
	if (result->consumed && result->returned && result->result >= 0)
		flags |= RUN_ABSORBED;
	if (result->not_judged)
		flags |= RUN_NOT_JUDGED;
	return flags;
}

/* Orders of locks that the baselines did not show: other runs may have others. */
static uint16_t send_orders(uint32_t slot)
{
	const struct lock_edge *edge;
	uint16_t lines = 0;

	while (lines < ORDERS_MAX && (edge = lock_order_fresh(lines))) {
		worker_send(&worker, slot, 'O', order_to_text(edge));
		lines++;
	}
	return lines;
}

static void conclude_slot(uint32_t slot, struct run_result *result, char *fresh)
{
	struct slot *to = &worker.shared->slots[slot];

	to->flags = flags_of(result);
	to->points = result->points;
	to->result = result->result;
	to->lines = worker_send_result(&worker, slot, result);
	to->lines += send_orders(slot);
	if (fresh) {
		worker_send(&worker, slot, 'P', fresh);
		to->lines++;
	}
	atomic_store_explicit(&to->state, SLOT_DONE, memory_order_release);
}

/* What the plan goes on from behind this run; NULL: nothing. */
static char *follow_ups(const struct slot *slot, const struct run_result *result)
{
	if (slot->form != SLOT_GIVEN)
		return fresh_points(&worker.expect);
	return result->interrupts ? xasprintf("1x%u", result->interrupts) : NULL;
}

static void run_slot(uint32_t slot)
{
	const struct slot *s = &worker.shared->slots[slot];
	bool wants_fresh = plan_wants_fresh(&worker.options->plan, s);
	struct run_options options = worker.run;
	struct schedule schedule;
	struct run_result result;
	uint64_t start = cost_start(&worker.cost);

	slot_schedule(worker.options, worker.shared, slot, &schedule);
	options.trace = worker.options->trace;
	options.record = wants_fresh;
	run_schedule(worker.target, &options, &worker.expect, &schedule, &result);
	if (s->form != SLOT_INTERRUPT)
		cost_single(&worker.cost, start, s->point);
	conclude_slot(slot, &result, wants_fresh ? follow_ups(s, &result) : NULL);
	atomic_store_explicit(&worker.cell->current, IDLE, memory_order_release);
	if (result.died || judge_told_accesses())
		worker_leave(&worker);
	run_result_clear(&result);
}

struct row {
	uint32_t slot, first, last;
	uint64_t start;
};

/* False: no more are wanted, since the time is up or the sweep has been stopped. */
static bool report(uint32_t n, struct run_result *result, void *arg)
{
	struct row *row = arg;
	bool died = result->died || judge_told_accesses();

	cost_point(&worker.cost, &row->start, n, row->slot == row->first);
	conclude_slot(row->slot, result, NULL);
	row->slot++;
	atomic_store_explicit(&worker.cell->current, row->slot > row->last ? IDLE : row->slot,
			      memory_order_release);
	if (died)
		worker_leave(&worker);
	return !atomic_load_explicit(&worker.shared->stopped, memory_order_relaxed);
}

/* Points that follow each other, in one pass through the operation. */
static void run_row(uint32_t first, uint32_t last)
{
	const struct slot *slots = worker.shared->slots;
	struct row row = {first, first, last, cost_start(&worker.cost)};

	pass_run(worker.target, &worker.run, &worker.expect, slots[first].point, slots[last].point,
		 report, &row);
	/* A point that the pass did not come to is left to a run of its own, which says why; or to nobody, if no more are
	 * wanted. */
	for (; row.slot <= last; row.slot++) {
		if (atomic_load(&worker.shared->stopped)) {
			slot_give_back(worker.shared, row.slot);
			continue;
		}
		atomic_store(&worker.cell->current, row.slot);
		run_slot(row.slot);
	}
	atomic_store_explicit(&worker.cell->current, IDLE, memory_order_release);
}

int worker_prepare(struct worker *w, unsigned operation, char *err)
{
	if (w->placed && w->operation == operation)
		return 0;
	if (run_prepare(w->target, &w->run, operation, err))
		return -1;
	w->placed = true;
	w->operation = operation;
	w->ready = false;
	return 0;
}

/* What was possible for the baseline is not now. */
static _Noreturn void give_up(uint32_t first, uint32_t last, const char *why)
{
	for (uint32_t slot = first; slot <= last; slot++) {
		struct slot *to = &worker.shared->slots[slot];

		to->flags = RUN_NOT_JUDGED;
		to->lines = worker_send_unable(&worker, slot, why);
		atomic_store_explicit(&to->state, SLOT_DONE, memory_order_release);
	}
	worker_leave(&worker);
}

static void begin_operation(uint32_t first, uint32_t last)
{
	struct baseline *base;
	unsigned operation = worker.shared->slots[first].operation;
	char err[256];

	if (worker.ready && worker.operation == operation)
		return;
	if (worker_prepare(&worker, operation, err))
		give_up(first, last, err);
	base = &worker.shared->baselines[operation];
	shared_expect(worker.shared, operation, &worker.expect);
	judge_set_known(base->keys, base->key_count);
	judge_set_returned(base->freed_at, base->freed_at_count);
	worker.ready = true;
	cost_begin(&worker.cost, worker.target, worker.options, base);
}

static void run_slots(void)
{
	uint32_t first, last;
	enum take took;

	while ((took = slot_take(worker.shared, worker.index, worker.operation,
				 cost_row_length(&worker.cost), &first, &last)) == TAKE_SOME) {
		begin_operation(first, last);
		if (first == last)
			run_slot(first);
		else
			run_row(first, last);
	}
	atomic_store(&worker.cell->current, IDLE);
	if (took == TAKE_BEHIND)
		_exit(WORKER_DONE);
}

static bool more_to_come(void)
{
	return !atomic_load(&worker.shared->complete) && !atomic_load(&worker.shared->stopped);
}

/* The supervisor takes the terminal's signals for all; what it does not want any more, it kills. */
static void leave_signals_to_the_supervisor(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

_Noreturn void worker_main(const struct target *target, const struct sweep_options *options,
			   struct shared *shared, unsigned index, int pipe)
{
	int error;

	paranoid_exit_with(WORKER_PARANOID);
	leave_signals_to_the_supervisor();
	worker = (struct worker){
		.target = target,
		.options = options,
		.shared = shared,
		.cell = &shared->workers[index],
		.index = index,
		.pipe = pipe,
		.run = {.timeout_ms = options->timeout_ms,
			.verbose = options->verbose,
			.hide_user = options->hide_user,
			.beat = beat},
	};
	error = target->adopt ? target->adopt() : 0;
	if (error) {
		fprintf(stderr, "kfail: a worker could not make the world its own: %s\n",
			strerror(-error));
		_exit(WORKER_BROKEN);
	}
	run_attach(target);
	worker_baselines(&worker);
	for (;;) {
		bool more = more_to_come();

		run_slots();
		if (!more)
			_exit(WORKER_DONE);
		while (sem_wait(&shared->work) && errno == EINTR)
			;
	}
}
