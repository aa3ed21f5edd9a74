// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is refused: the counter of points, and the ladder. After lib/fault-inject.c, mm/failslab.c and mm/page_alloc.c of
 * 6.1, with the parts turned round: there each site decides for itself what it filters, here the sites only ask.
 *
 *	suspended, __GFP_NOFAIL		served, not counted
 *	not a point by the policy	served, not counted
 *	the schedule names it		refused
 *	the program's fail-nth is at 0	refused
 *	a countdown is pending		served		(chance waits, as in the kernel)
 *	the fault attributes say so	refused		(only in a run that has a seed)
 *
 * As long as nothing but a schedule of numbers is asked for, all of this is one test of `special`. Three differences on
 * purpose, which --compat=kernel takes back: sleeping requests (GFP_KERNEL) count, since those are what drivers mishandle;
 * one call of an allocator is one point, however many slabs and pages it takes inside; and the message is printed for
 * __GFP_NOWARN requests too, since a refusal that is not told is a day lost.
 *
 * Random numbers are a hash of the run's seed and of how many were drawn: a run is the same in every worker and in
 * every replay. The state is one struct in host memory; a run starts by zeroing its counters. One thread runs the world.
 */
#include "inject_internal.h"
#include "passed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/run_state.h"

static RUN_STATE struct {
	struct policy *policy;
	bool (*in_module)(uint64_t pc);
	void (*task)(struct trace_task *out);
	bool (*chooser)(uint32_t n); /* NULL: the schedule decides */

	struct schedule schedule, observed;
	bool running;	/* between inject_begin() and the end of the process */
	bool suspended; /* requests are served and not counted */
	bool special;	/* there is more to ask than the schedule's numbers */
	bool verbose;
	bool recording;
	bool no_allocations;		       /* requests for memory are served and not counted */
	bool too_many;			       /* refusals for `observed` */
	uint32_t points, refused, program;     /* refused: by schedule or chance; by the program */
	uint64_t served;		       /* of the schedule's bytes */
	uint64_t draws;			       /* random numbers */
	struct fault_attr attrs[CAPABILITIES]; /* what is left of the policy's */
	struct refusal first, last;
} inject;

/* Points 1..points of this run. Not in its state: the array may move. */
static struct {
	struct refusal *list;
	uint32_t room;
} records;

/* ---- a run's course ---- */

static struct policy *policy_in_force(void)
{
	static struct policy plain;

	if (!inject.policy) {
		policy_init(&plain);
		inject.policy = &plain;
	}
	return inject.policy;
}

void inject_set_policy(struct policy *policy)
{
	inject.policy = policy;
	region_share();
}

const struct policy *inject_policy(void)
{
	return policy_in_force();
}

void inject_attach(bool (*in_module)(uint64_t pc), void (*task)(struct trace_task *out))
{
	inject.in_module = in_module;
	inject.task = task;
}

void inject_task(struct trace_task *out)
{
	*out = (struct trace_task){0};
	if (inject.task)
		inject.task(out);
}

static void begin_specially(struct policy *policy)
{
	struct trace_task task;

	memcpy(inject.attrs, policy->attrs, sizeof(inject.attrs));
	inject.served = 0;
	inject.draws = 0;
	inject_task(&task);
	fail_nth_begin(task.pid);
	benign_begin(&policy->benign);
}

void inject_begin(const struct schedule *schedule, bool verbose)
{
	struct policy *policy = policy_in_force();

	inject.schedule = *schedule;
	inject.verbose = verbose;
	inject.running = true;
	inject.suspended = false;
	inject.points = 0;
	inject.refused = 0;
	inject.program = 0;
	inject.observed.count = 0;
	inject.too_many = false;
	if (inject.recording)
		passed_begin();
	region_begin();
	inject.special = policy->special || verbose || schedule->has_bytes || schedule->has_seed ||
			 region_in_use();
	if (inject.special)
		begin_specially(policy);
}

void inject_end(void)
{
	if (inject.special)
		benign_end(&policy_in_force()->benign);
}

void inject_checkpoint(void)
{
	fail_nth_checkpoint();
	benign_checkpoint(&policy_in_force()->benign);
}

void inject_return(void)
{
	fail_nth_return();
	benign_return(&policy_in_force()->benign);
}

void inject_look_closer(void)
{
	if (!inject.special)
		begin_specially(policy_in_force());
	inject.special = true;
}

void inject_restart(void)
{
	inject.points = 0;
	inject.refused = 0;
	inject.observed.count = 0;
}

void inject_suspend(void)
{
	inject.suspended = true;
}

void inject_resume(void)
{
	inject.suspended = false;
}

void inject_allocations(bool on)
{
	inject.no_allocations = !on;
}

bool inject_counts_allocations(void)
{
	return !inject.no_allocations;
}

void inject_choose(bool (*refuses)(uint32_t n))
{
	inject.chooser = refuses;
}

void inject_record(bool on)
{
	inject.recording = on;
}

bool inject_is_baseline(void)
{
	return inject.recording && schedule_is_empty(&inject.schedule);
}

bool inject_active(void)
{
	return inject.running && !inject.suspended;
}

/* ---- what is kept ---- */

enum capability inject_capability_of(enum kf_kind kind)
{
	switch (kind) {
	case KF_KMALLOC_LARGE:
	case KF_PAGES:
		return FAIL_PAGE_ALLOC;
	case KF_VMALLOC:
	case KF_VMAP:
		return FAIL_VMALLOC;
	case KF_PERCPU:
		return FAIL_PERCPU;
	default:
		return FAILSLAB;
	}
}

const char *inject_capability(enum kf_kind kind)
{
	return capability_name(inject_capability_of(kind));
}

static void describe(struct refusal *out, const struct inject_ask *ask)
{
	*out = (struct refusal){.n = inject.points,
				.stack = ask->caller.stack,
				.capability = ask->capability,
				.call = ask->call,
				.benign = region_is_benign()};
	if (!ask->request)
		return;
	out->request = *ask->request;
	if (ask->request->cache)
		snprintf(out->cache, sizeof(out->cache), "%s", kf_cache_name(ask->request->cache));
}

static void record(const struct inject_ask *ask)
{
	if (inject.points > records.room) {
		uint32_t room = records.room ? records.room * 2 : 256;
		struct refusal *more = realloc(records.list, room * sizeof(*more));

		if (!more)
			return;
		records.list = more;
		records.room = room;
	}
	describe(&records.list[inject.points - 1], ask);
}

static void observe(uint32_t n)
{
	struct schedule *seen = &inject.observed;
	struct schedule_range *last = seen->count ? &seen->ranges[seen->count - 1] : NULL;

	if (last && last->last + 1 == n)
		last->last = n;
	else if (seen->count < SCHEDULE_RANGES)
		seen->ranges[seen->count++] = (struct schedule_range){n, n};
	else
		inject.too_many = true;
}

static void refuse(const struct inject_ask *ask, bool program)
{
	struct fault_attr *attr = &inject.attrs[ask->capability];

	describe(&inject.last, ask);
	inject.last.program = program;
	if (program)
		inject.program++;
	else if (!inject.refused++)
		inject.first = inject.last;
	if (!program)
		observe(inject.points);
	if (!inject.special)
		return;
	if (inject.verbose || attr->verbose_given)
		message_print(&inject.last, attr, policy_in_force()->compat);
	attr_spend(attr);
}

/* ---- the ladder ---- */

static uint32_t draw(void)
{
	uint64_t number = inject.draws++;

	return (uint32_t)(XXH64(&number, sizeof(number), inject.schedule.seed) >> 32);
}

/* Points behind the last range that is named are chance's; before it a countdown is pending. */
static bool schedule_is_pending(void)
{
	const struct schedule *s = &inject.schedule;

	return s->count && inject.points <= s->ranges[s->count - 1].last;
}

static bool budget_refuses(const struct inject_ask *ask)
{
	uint64_t size = ask->request ? ask->request->size : 0;

	if (!inject.schedule.has_bytes)
		return false;
	if (size > inject.schedule.bytes - inject.served)
		return true;
	inject.served += size;
	return false;
}

static bool chance_refuses(const struct inject_ask *ask)
{
	struct fault_attr *attr = &inject.attrs[ask->capability];
	struct attr_ask what = {.size = ask->size, .random = draw};

	if (!inject.schedule.has_seed || !attr->probability)
		return false;
	what.task = attr->task_filter && fail_nth_made_to_fail();
	what.frames = depot_get(ask->caller.stack, &what.pcs);
	return attr_should_fail(attr, &what);
}

/* No point: a recorded run says where. */
static void let_pass(const struct inject_ask *ask)
{
	if (inject.recording && ask->request && ask->caller.on_behalf)
		passed_note(PASSED_POLICY, ask->request, ask->caller.stack);
}

static inline bool names_this(void)
{
	return inject.chooser ? inject.chooser(inject.points)
			      : schedule_refuses(&inject.schedule, inject.points);
}

static bool decide_specially(const struct inject_ask *ask)
{
	bool pending = false, program, refused;

	if (!policy_counts(policy_in_force(), ask, inject.in_module)) {
		let_pass(ask);
		return false;
	}
	/* The program's own countdown goes by requests, not by numbers: regions are nothing to it. */
	program = fail_nth_hit(&pending);
	if (!region_is_open()) {
		if (program)
			refuse(ask, true);
		else
			let_pass(ask);
		return program;
	}
	inject.points++;
	refused = names_this() || budget_refuses(ask);
	if (!refused && !program && !pending && !schedule_is_pending())
		refused = chance_refuses(ask);
	if (inject.recording)
		record(ask);
	if (refused || program)
		refuse(ask, !refused);
	return refused || program;
}

/* Nothing but numbers is asked for: the way of nearly all requests of a sweep. */
static inline bool decide_plainly(const struct caller *caller)
{
	if (!caller->on_behalf)
		return false;
	inject.points++;
	return names_this();
}

static void keep(const struct inject_ask *ask, bool refused)
{
	if (inject.recording)
		record(ask);
	if (refused)
		refuse(ask, false);
}

bool inject_decide(const struct inject_ask *ask)
{
	bool refused;

	if (inject.special)
		return decide_specially(ask);
	refused = decide_plainly(&ask->caller);
	if (ask->caller.on_behalf)
		keep(ask, refused);
	return refused;
}

/* Served and not counted; a recorded run says where. */
static bool pass_over(const struct kf_request *request, enum passed_why why,
		      struct caller (*caller)(void))
{
	struct caller asks;

	if (!inject.recording)
		return false;
	asks = caller();
	if (asks.on_behalf)
		passed_note(why, request, asks.stack);
	return false;
}

void inject_never_asked(const struct kf_request *request, struct caller (*caller)(void))
{
	if (inject_active())
		pass_over(request, PASSED_NOFAIL, caller);
}

static bool ask_specially(const struct kf_request *request, struct caller (*caller)(void))
{
	struct inject_ask ask = {.request = request};

	if (!policy_capability(policy_in_force(), request, &ask.capability, &ask.size))
		return pass_over(request, PASSED_POLICY, caller);
	ask.caller = caller();
	return decide_specially(&ask);
}

bool inject_should_fail(const struct kf_request *request, struct caller (*caller)(void))
{
	struct caller asks;
	bool refused;

	if (!inject.running || inject.suspended || inject.no_allocations)
		return false;
	if (request->gfp & KF_GFP_NOFAIL)
		return false;
	if (inject.special)
		return ask_specially(request, caller);
	asks = caller();
	refused = decide_plainly(&asks);
	if (refused || (inject.recording && asks.on_behalf))
		keep(&(struct inject_ask){.capability = inject_capability_of(request->kind),
					  .request = request,
					  .caller = asks},
		     refused);
	return refused;
}

bool inject_call_should_fail(const struct call_point *point, struct caller (*caller)(void))
{
	struct inject_ask ask = {
		.capability = call_capability(point->call), .size = 1, .call = point};

	if (!inject_active())
		return false;
	ask.caller = caller();
	return inject_decide(&ask);
}

/* ---- what came of it ---- */

uint32_t inject_points(void)
{
	return inject.points;
}

uint32_t inject_refused(void)
{
	return inject.refused;
}

const struct refusal *inject_first(void)
{
	return inject.refused ? &inject.first : NULL;
}

const struct refusal *inject_last(void)
{
	return inject.refused || inject.program ? &inject.last : NULL;
}

const struct schedule *inject_observed(void)
{
	return inject.too_many ? NULL : &inject.observed;
}

const struct refusal *inject_recorded(uint32_t n)
{
	if (!inject.recording || !n || n > inject.points || n > records.room)
		return NULL;
	return &records.list[n - 1];
}
