// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a worker (see shared.h for what it shares with the supervisor).
 *
 * Order of writes matters, since a worker may die at any instruction: it says which slot it works on
 * before it touches the world, its findings are in the pipe before the slot is done, and the slot is
 * done before it goes idle. Whoever dies in between is found with a slot that is not done.
 *
 * A run without findings writes two words of shared memory and makes no system call.
 */
#include "shared.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "../trace/util.h"

/* How often the baseline is run again, to see whether it is always the same. */
#define BASELINE_REPEATS 2

static struct {
	const struct target *target;
	const struct sweep_options *options;
	struct shared *shared;
	struct worker_cell *cell;
	struct run_options run;
	struct run_expect expect;
	int pipe;
} worker;

struct shared *shared_new(void)
{
	void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void shared_free(struct shared *shared)
{
	if (shared)
		munmap(shared, sizeof(*shared));
}

void slot_schedule(const struct sweep_options *options, const struct shared *shared, uint32_t slot,
		   struct schedule *out)
{
	uint32_t n;

	if (slot == BASELINE) {
		*out = (struct schedule){0};
	} else if (options->schedules) {
		*out = options->schedules[slot % options->schedule_count];
	} else {
		n = slot % shared->baseline.points + 1;
		*out = (struct schedule){.ranges = {{n, n}}, .count = 1};
	}
}

/* Of the baseline's points, those whose site is kept. */
static uint32_t site_count(const struct shared *shared)
{
	return shared->baseline.points < SITES_MAX ? shared->baseline.points : SITES_MAX;
}

void shared_expect(const struct shared *shared, struct run_expect *out)
{
	*out = (struct run_expect){
		.known = shared->baseline.returned,
		.result = shared->baseline.result,
		.points = shared->baseline.points,
		.exit_dies = shared->baseline.died && !shared->baseline.in_init,
		.sites = shared->sites,
		.site_count = site_count(shared),
		.alive = shared->baseline.alive,
		.alive_count = shared->baseline.alive_count,
	};
}

static void beat(void)
{
	atomic_fetch_add_explicit(&worker.cell->beats, 1, memory_order_relaxed);
}

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

static void send_line(uint32_t slot, char kind, char *json)
{
	char *line = xasprintf("%u %c %s\n", slot, kind, json);

	send_all(line, strlen(line));
	free(line);
	free(json);
}

static uint16_t send_result(uint32_t slot, const struct run_result *result)
{
	uint16_t lines = 0;

	for (unsigned i = 0; i < result->finding_count; i++, lines++)
		send_line(slot, 'F', finding_to_json(&result->findings[i]));
	if (result->not_judged) {
		send_line(slot, 'N', not_judged_to_json(&result->why));
		lines++;
	}
	return lines;
}

/* The world is lost, and with it this process. */
static _Noreturn void leave(void)
{
	worker.cell->place_count = judge_places(worker.cell->places, PLACES_MAX);
	_exit(WORKER_SPENT);
}

static uint32_t slots_wanted(uint32_t points)
{
	const struct sweep_options *options = worker.options;
	uint64_t repeat = options->repeat ? options->repeat : 1;
	uint64_t count = options->schedules ? options->schedule_count : points;

	if (options->baseline_only)
		return 0;
	count *= repeat;
	return count > SLOTS_MAX ? SLOTS_MAX : (uint32_t)count;
}

/* What tells this run, which nothing was refused in either, from the baseline; NULL: nothing. malloc()ed. */
static char *difference(const struct run_result *again)
{
	const struct shared *shared = worker.shared;
	uint32_t points = shared->baseline.points, sites = site_count(shared);

	for (uint32_t n = 1; n <= sites && n <= again->points; n++)
		if (run_site(inject_recorded(n)) != shared->sites[n - 1])
			return xasprintf("run again without a refusal, request %u was another one",
					 n);
	if (again->points != points)
		return xasprintf("run again without a refusal, it made %u requests instead of %u",
				 again->points, points);
	if (again->died != shared->baseline.died || again->result != shared->baseline.result)
		return xasprintf("run again without a refusal, it came to another result");
	return NULL;
}

/* The baseline is what all other runs are compared with: is it one run among several? */
static uint16_t check_repeats(bool *lost)
{
	struct finding f = {.kind = FINDING_NONDETERMINISM, .schedule = ""};
	struct schedule none = {0};
	struct run_result again;

	for (unsigned i = 0; i < BASELINE_REPEATS && !*lost && !f.what; i++) {
		run_schedule(worker.target, &worker.run, NULL, &none, &again);
		*lost = again.died;
		f.what = difference(&again);
		run_result_clear(&again);
	}
	if (!f.what)
		return 0;
	finding_set_id(&f);
	send_line(BASELINE, 'F', finding_to_json(&f));
	free(f.what);
	return 1;
}

static void run_baseline(void)
{
	struct shared *shared = worker.shared;
	struct run_options options = worker.run;
	struct schedule none = {0};
	struct run_result result;
	bool lost;

	options.unload = true;
	options.trace = worker.options->trace && worker.options->baseline_only;
	options.alive = shared->baseline.alive;
	options.alive_max = ALIVE_MAX;
	atomic_store(&worker.cell->current, BASELINE);
	run_schedule(worker.target, &options, NULL, &none, &result);
	shared->baseline.died = result.died;
	shared->baseline.in_init = result.in_init;
	shared->baseline.returned = result.returned;
	shared->baseline.not_judged = result.not_judged;
	shared->baseline.result = result.result;
	shared->baseline.points = result.points;
	for (uint32_t n = 1; n <= site_count(shared); n++)
		shared->sites[n - 1] = run_site(inject_recorded(n));
	shared->baseline.alive_count = result.alive_count;
	shared->baseline.key_count = judge_keys(shared->baseline.keys, KEYS_MAX);
	shared->baseline.lines = send_result(BASELINE, &result);
	lost = result.died;
	shared->baseline.lines += check_repeats(&lost);
	/* Without a way through init, every other run would only meet the same end. */
	if (!result.died || !result.in_init)
		atomic_store(&shared->count, slots_wanted(shared->baseline.points));
	atomic_store(&shared->baseline.done, 1);
	send_all("\n", 1); /* wakes the supervisor, who may want more workers now */
	atomic_store(&worker.cell->current, IDLE);
	if (lost)
		leave();
	run_result_clear(&result);
}

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

static void run_slot(uint32_t slot)
{
	struct slot *to = &worker.shared->slots[slot];
	struct run_options options = worker.run;
	struct schedule schedule;
	struct run_result result;

	slot_schedule(worker.options, worker.shared, slot, &schedule);
	options.trace = worker.options->trace;
	run_schedule(worker.target, &options, &worker.expect, &schedule, &result);
	to->flags = flags_of(&result);
	to->lines = send_result(slot, &result);
	atomic_store_explicit(&to->state, SLOT_DONE, memory_order_release);
	atomic_store_explicit(&worker.cell->current, IDLE, memory_order_release);
	if (result.died)
		leave();
	run_result_clear(&result);
}

static bool take(uint32_t *slot)
{
	struct shared *shared = worker.shared;

	*slot = atomic_load(&shared->next);
	do {
		if (*slot >= atomic_load(&shared->count))
			return false;
		/* Said before it is taken: a slot that nobody works on is lost. */
		atomic_store(&worker.cell->current, *slot);
	} while (!atomic_compare_exchange_weak(&shared->next, slot, *slot + 1));
	return true;
}

_Noreturn void worker_main(const struct target *target, const struct sweep_options *options,
			   struct shared *shared, unsigned index, int pipe)
{
	uint32_t slot;
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	worker.target = target;
	worker.options = options;
	worker.shared = shared;
	worker.cell = &shared->workers[index];
	worker.pipe = pipe;
	worker.run = (struct run_options){
		.timeout_ms = options->timeout_ms, .verbose = options->verbose, .beat = beat};
	error = target->adopt ? target->adopt() : 0;
	if (error) {
		fprintf(stderr, "kfail: a worker could not make the world its own: %s\n",
			strerror(-error));
		_exit(WORKER_BROKEN);
	}
	run_attach(target);
	if (!atomic_load(&shared->baseline.done))
		run_baseline();
	shared_expect(shared, &worker.expect);
	judge_set_known(shared->baseline.keys, shared->baseline.key_count);
	while (take(&slot))
		run_slot(slot);
	atomic_store(&worker.cell->current, IDLE);
	_exit(WORKER_DONE);
}
