/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Injection: which requests are refused. The sites (allocator/) ask through kf_hooks.should_fail; nothing here knows how
 * a request is served. One counter of points per run, from 1, over all kinds of requests that the policy lets
 * pass: by default those made on behalf of the module under test. After lib/fault-inject.c: the decision is a ladder of
 * early returns.
 *
 *	schedule.c	which points of a run			from run to run
 *	policy.c	which requests are points, chance	the same for a whole sweep
 *	fail_nth.c	what the program itself asks for	in the midst of a run
 */
#ifndef KFAIL_INJECT_INJECT_H
#define KFAIL_INJECT_INJECT_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"
#include "../trace/caller.h"
#include "attr.h"
#include "calls.h"

/*
 * "" (nothing), "7", "7+" (7 and all after), "3,9", "7x4" (7..10), and lists of these: "3,7x4,20+". Then, in any
 * order:
 *
 *	bytes=N		a budget: a request is refused when it does not fit into what is left of N bytes, and served when
 *			it does; what is freed does not come back (as `space` of the kernel's fault attributes)
 *	random=P	each point with a chance of P percent, 0.0001 to 100
 *	seed=S		of random= (without it: 1); and the fault attributes of the policy decide too, with this seed
 *	irq=N		the interrupt of point N comes (interrupts.h), of whatever is refused; irq=every: those of all points
 */
#define SCHEDULE_RANGES	  32
#define SCHEDULE_TEXT_MAX 1024 /* longest canonical text, with its NUL */

struct schedule {
	struct schedule_range {
		uint32_t first, last; /* last UINT32_MAX: and all after */
	} ranges[SCHEDULE_RANGES];    /* ascending, neither overlapping nor adjacent */
	unsigned count;
	uint32_t random; /* chance of each point in millionths; 0: none */
	bool has_bytes, has_seed;
	uint64_t bytes, seed;
	uint32_t irq; /* an interrupt point, or IRQ_EVERY; 0: no interrupt comes */
};

#define IRQ_EVERY UINT32_MAX

/* 0, or -1 with a sentence in err (at most 256 bytes): what is wrong and where in the text. */
int schedule_parse(const char *text, struct schedule *out, char *err);
/* Canonical text, into buf; returns buf. */
char *schedule_print(const struct schedule *schedule, char *buf, unsigned size);
/* Does it name point n, by number or by random=? (Budget and attributes depend on more than the number.) */
bool schedule_refuses(const struct schedule *schedule, uint32_t n);
/* Nothing can be refused, and no interrupt comes: the baseline's. */
bool schedule_is_empty(const struct schedule *schedule);
/* It consists of numbers of points alone, at least one. */
bool schedule_is_numbers(const struct schedule *schedule);
/* Chance has a part in it: a finding is then told by the numbers of the points that were refused. */
bool schedule_is_chance(const struct schedule *schedule);
/* The first point, up to `limit`, that it names; 0: none. */
uint32_t schedule_first(const struct schedule *schedule, uint32_t limit);

/* Is asked for: a request of an allocator, or a call that can fail. */
struct inject_ask {
	enum capability capability;
	uint64_t size;			  /* in the capability's unit (fault attribute `space`) */
	const struct kf_request *request; /* NULL: a call */
	const struct call_point *call;	  /* NULL, or the call */
	struct caller caller;
};

/* One refused request. */
struct refusal {
	uint32_t n;
	struct kf_request
		request; /* .cache may be gone by the time this is read; zeros for a call */
	char cache[32];	 /* its name, cut; "" when there is none */
	uint32_t stack;	 /* depot handle */
	enum capability capability;
	const struct call_point *call; /* as in the ask */
	bool program; /* by the program's own fail-nth, not by the schedule or chance */
	bool benign;  /* inside kfail_benign_begin() and kfail_benign_end() */
};

/* The policy of all runs to come; NULL: the default one. Must stay. Called before workers are forked, it is theirs too. */
struct policy;
void inject_set_policy(struct policy *policy);
const struct policy *inject_policy(void); /* never NULL */
/* What is asked of the world: is this address in the module under test, and which task runs? Either may be NULL. */
void inject_attach(bool (*in_module)(uint64_t pc), void (*task)(struct trace_task *out));

/* Start a run: counter at 0. `verbose`: print each refusal in the kernel's FAULT_INJECTION format
 * to standard error. */
void inject_begin(const struct schedule *schedule, bool verbose);
/* The run is over: what it counted for the whole sweep is kept. */
void inject_end(void);
/* The task and the kernel's release, for the message. Both strings must stay valid. */
void inject_describe(const char *comm, const char *release);
/* Suspend and resume (settling, retry, unload): requests are neither counted nor refused. */
void inject_suspend(void);
void inject_resume(void);

/* In the midst of a run: remember what is not marked with RUN_STATE; go back to it, before what is marked is put back. */
void inject_checkpoint(void);
void inject_return(void);

/* Who decides instead of the schedule, in this run and the next ones: asked at each point, in the hook, with the point
 * counted. NULL: the schedule again. */
void inject_choose(bool (*refuses)(uint32_t n));

/* The decision; called from kf_hooks.should_fail. `caller` is asked only when needed, and at most once. */
bool inject_should_fail(const struct kf_request *request, struct caller (*caller)(void));
/* The same for a call that is a point (calls.h): one counter, one schedule for both. */
bool inject_call_should_fail(const struct call_point *point, struct caller (*caller)(void));
/* Are requests for memory points? Default: they are. */
void inject_allocations(bool on);
bool inject_counts_allocations(void);
/* Is a run on, and not suspended? Only then is it worth to find out who calls. */
bool inject_active(void);
/* The decision for every kind of request: is it a point, and is it refused? Then inject_last() is it. */
bool inject_decide(const struct inject_ask *ask);

uint32_t inject_points(void);  /* points counted so far in this run */
uint32_t inject_refused(void); /* refusals so far in this run, without the program's own */
const struct refusal *inject_first(void); /* the oldest of those, or NULL */
const struct refusal *inject_last(void);  /* the newest refusal of all, or NULL */
/* The points that were refused in this run, without the program's own, as a schedule; NULL: they are too many ranges. */
const struct schedule *inject_observed(void);
/* Keep all points of a run, as inject_recorded(1..inject_points()); for the baseline. Off by
 * default. */
void inject_record(bool on);
const struct refusal *inject_recorded(uint32_t n); /* NULL: no such point */

/* The capability that stands at such a request, by default; and its name: "failslab". */
enum capability inject_capability_of(enum kf_kind kind);
const char *inject_capability(enum kf_kind kind);

#endif
