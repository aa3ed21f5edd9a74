// SPDX-License-Identifier: GPL-2.0-only
/*
 * Baselines: each operation once without refusals, by the first worker, before anything is planned. A baseline counts
 * the points, shows what needs no refusal, and is what all other runs of its operation are compared with: is it one
 * run among several? It is therefore run again, and must make the same requests.
 */
#include "worker.h"

#include <string.h>
#include <time.h>
#include <xxhash.h>
#include "../trace/depot.h"
#include "../trace/util.h"

/* How often the baseline is run again, to see whether it is always the same. */
#define BASELINE_REPEATS 2

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What tells this run, which nothing was refused in either, from the baseline; NULL: nothing. malloc()ed. */
static char *difference(const struct shared *shared, const struct baseline *base,
			const struct run_result *again)
{
	for (uint32_t n = 1; n <= base->site_count && n <= again->points; n++)
		if (run_site(inject_recorded(n)) != shared->sites[base->first_site + n - 1])
			return xasprintf("run again without a refusal, request %u was another one",
					 n);
	if (again->points != base->points)
		return xasprintf("run again without a refusal, it made %u requests instead of %u",
				 again->points, base->points);
	if (again->died != base->died || again->result != base->result)
		return xasprintf("run again without a refusal, it came to another result");
	return NULL;
}

static uint16_t check_repeats(struct worker *worker, uint32_t slot, bool *lost)
{
	struct baseline *base = &worker->shared->baselines[worker->operation];
	struct run_result again = {.findings = NULL};
	struct finding f = {.kind = FINDING_NONDETERMINISM, .schedule = xstrdup("")};
	struct run_options options = worker->run;
	struct schedule none = {0};
	uint16_t lines = 0;

	options.hide_user = true;

	for (unsigned i = 0; i < BASELINE_REPEATS && !*lost && !f.what; i++) {
		uint64_t start = now_ns(), ns;

		run_schedule(worker->target, &options, NULL, &none, &again);
		ns = now_ns() - start;
		base->ns = ns < base->ns ? ns : base->ns;
		*lost = again.died;
		f.what = difference(worker->shared, base, &again);
		run_result_clear(&again);
	}
	if (f.what) {
		finding_set_id(&f);
		again = (struct run_result){.findings = &f, .finding_count = 1};
		lines = worker_send_result(worker, slot, &again);
	}
	finding_clear(&f);
	return lines;
}

/* The driver's frames of a stack as one number: modules' code, whatever of the kernel or of kfail lies between. */
static uint64_t stack_number(const struct worker *worker, uint32_t handle)
{
	unsigned max = worker->options->plan.stack_depth, count = 0;
	uint64_t frames[DEPOT_FRAMES_MAX];
	const uint64_t *pcs;
	unsigned n = depot_get(handle, &pcs);

	for (unsigned i = 0; i < n && (!max || count < max); i++)
		if (worker->target->module_of(pcs[i]))
			frames[count++] = pcs[i];
	return XXH64(frames, count * sizeof(*frames), count);
}

/* Where the driver is returned to. */
static uint64_t place(const struct worker *worker, uint32_t handle)
{
	const uint64_t *pcs;
	unsigned n = depot_get(handle, &pcs);

	for (unsigned i = 0; i < n; i++)
		if (worker->target->module_of(pcs[i]))
			return pcs[i];
	return n ? pcs[0] : 0;
}

static void keep_sites(struct worker *worker, struct baseline *base)
{
	struct shared *shared = worker->shared;
	uint32_t room = SITES_MAX - shared->site_count;

	base->first_site = shared->site_count;
	base->site_count = base->points < room ? base->points : room;
	for (uint32_t n = 1; n <= base->site_count; n++) {
		const struct refusal *point = inject_recorded(n);
		uint32_t i = base->first_site + n - 1;

		shared->sites[i] = run_site(point);
		shared->about[i] = (struct site){
			.stack = stack_number(worker, point->stack),
			.place = place(worker, point->stack),
			.size = (uint32_t)point->request.size,
			.capability = (uint8_t)point->capability,
		};
	}
	shared->site_count += base->site_count;
}

static void keep_passed(struct worker *worker, struct baseline *base)
{
	const struct passed *p;

	base->passed_count = 0;
	while ((p = inject_passed(base->passed_count)))
		base->passed[base->passed_count++] = (struct passed_site){
			.place = place(worker, p->stack),
			.size = p->size,
			.count = p->count,
			.kind = p->kind,
			.why = (uint8_t)p->why,
		};
}

/* One more run, in which something leaks for certain; what else it shows is known from the others. */
static enum canary look_for_canary(struct worker *worker, bool *lost)
{
	struct run_options options = worker->run;
	enum canary canary = CANARY_MISSED;
	struct run_result result;
	struct schedule none = {0};

	options.canary = true;
	run_schedule(worker->target, &options, NULL, &none, &result);
	for (unsigned i = 0; i < result.finding_count; i++)
		if (judge_is_canary(&result.findings[i]))
			canary = CANARY_FOUND;
	*lost = result.died;
	run_result_clear(&result);
	return canary;
}

/* Orders of locks that this baseline is the first to show. */
static void keep_orders(struct shared *shared, struct baseline *base)
{
	const struct lock_edge *edge;

	base->first_lock_edge = shared->lock_edge_count;
	for (uint32_t i = 0; (edge = lock_order_fresh(i)); i++)
		if (shared->lock_edge_count < LOCK_EDGES_MAX)
			shared->lock_edges[shared->lock_edge_count++] = *edge;
	lock_order_set_known(shared->lock_edges, shared->lock_edge_count);
}

static void run_baseline(struct worker *worker, uint32_t slot)
{
	struct baseline *base = &worker->shared->baselines[worker->operation];
	struct run_options options = worker->run;
	struct schedule none = {0};
	struct run_result result;
	uint64_t start = now_ns();
	bool lost;

	options.unload = true;
	options.hide_user = true;
	options.trace = worker->options->trace && worker->options->baseline_only;
	options.alive = base->alive;
	options.alive_max = ALIVE_MAX;
	judge_learn_returned(true);
	run_schedule(worker->target, &options, NULL, &none, &result);
	judge_learn_returned(false);
	base->ns = now_ns() - start;
	base->freed_at_count = judge_returned(base->freed_at, RETURNED_MAX);
	base->died = result.died;
	base->in_init = result.in_init;
	base->returned = result.returned;
	base->not_judged = result.not_judged;
	base->result = result.result;
	memcpy(base->results, result.results, sizeof(base->results));
	base->points = result.points;
	base->interrupts = result.interrupts;
	keep_sites(worker, base);
	keep_passed(worker, base);
	keep_orders(worker->shared, base);
	base->alive_count = result.alive_count;
	base->gives_back = result.gives_back;
	base->key_count = judge_keys(base->keys, KEYS_MAX);
	base->lines = worker_send_result(worker, slot, &result);
	lost = result.died;
	base->lines += check_repeats(worker, slot, &lost);
	if (worker->options->canary && !lost && !worker->shared->canary)
		worker->shared->canary = look_for_canary(worker, &lost);
	atomic_store(&base->done, 1);
	worker_ring(worker);
	atomic_store(&worker->cell->current, IDLE);
	if (lost)
		worker_leave(worker);
	run_result_clear(&result);
}

/* The world cannot be brought to where this operation begins. */
static void give_up(struct worker *worker, uint32_t slot, const char *why)
{
	struct baseline *base = &worker->shared->baselines[slot - BASELINE];

	base->died = base->in_init = base->not_judged = true;
	base->lines = worker_send_unable(worker, slot, why);
	atomic_store(&base->done, 1);
	worker_ring(worker);
	worker_leave(worker);
}

void worker_baselines(struct worker *worker)
{
	struct shared *shared = worker->shared;
	char err[256];

	judge_set_known(NULL, 0);
	lock_order_set_known(shared->lock_edges, shared->lock_edge_count);
	for (unsigned i = 0; i < shared->operations; i++) {
		if (atomic_load(&shared->baselines[i].done))
			continue;
		atomic_store(&worker->cell->current, BASELINE + i);
		if (worker_prepare(worker, i, err))
			give_up(worker, BASELINE + i, err);
		run_baseline(worker, BASELINE + i);
	}
}
