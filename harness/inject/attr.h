/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault attributes, under the names that they have in the kernel's debugfs (Documentation/fault-injection of 6.1): one
 * set for each capability. The struct holds what was asked for and, below, what a run has used up of it, so
 * that a run starts with a copy. Host memory.
 */
#ifndef KFAIL_INJECT_ATTR_H
#define KFAIL_INJECT_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"

/* Who refuses. fail_vmalloc and fail_percpu are ours: the kernel has no capability of their kind. */
enum capability {
	FAILSLAB,
	FAIL_PAGE_ALLOC,
	FAIL_VMALLOC,
	FAIL_PERCPU,
	FAIL_USERCOPY,
	FAIL_FUNCTION,
	CAPABILITIES
};

#define STACKTRACE_DEPTH_MAX 32 /* MAX_STACK_TRACE_DEPTH of the kernel */

struct fault_attr {
	uint64_t probability; /* percent; 0: never, 100 and more: always */
	uint64_t interval;    /* of the requests that got so far, every interval-th */
	int32_t times;	      /* refusals that are left; -1: no limit */
	int32_t space;	      /* budget of sizes that are served before anything is refused */
	uint64_t verbose;     /* 0 nothing, 1 the message, 2 the stack too */
	uint32_t verbose_ratelimit_interval_ms; /* 0: no limit */
	uint32_t verbose_ratelimit_burst;
	bool task_filter;
	uint32_t stacktrace_depth;
	uint64_t require_start, require_end, reject_start, reject_end;
	/* Those of one capability or two. */
	bool ignore_gfp_wait, ignore_gfp_highmem, cache_filter;
	uint32_t min_order;
	bool verbose_given; /* verbose was set: its messages are wanted without --verbose too */

	/* Of this run. */
	uint64_t count; /* of interval */
	struct {
		uint64_t begin; /* in units of the interval; 0: not begun */
		uint32_t printed, missed;
	} ratelimit;
};

/* What the attributes are asked about a request. */
struct attr_ask {
	uint64_t size;	     /* in the capability's unit: bytes, pages or 1 */
	bool task;	     /* a task with make-it-fail asks, and no interrupt */
	const uint64_t *pcs; /* who asks, innermost frame first */
	unsigned frames;
	uint32_t (*random)(void); /* drawn only when it comes to that */
};

/* The kernel's initial values (FAULT_ATTR_INITIALIZER), but for the filters by GFP flags and order: with `compat` those are
 * on as in the kernel, without it they let everything pass. */
void attr_default(struct fault_attr *attr, enum capability capability, bool compat);

/* Rows 2 to 8 of should_fail_ex(): does chance, by these attributes, refuse this request? */
bool attr_should_fail(struct fault_attr *attr, const struct attr_ask *ask);
/* A refusal has been made and told: one of `times` is gone. */
void attr_spend(struct fault_attr *attr);
/* Is the request passed over by the filters that stand before everything else, fail-nth too
 * (__should_failslab(), __should_fail_alloc_page())? */
bool attr_ignores(const struct fault_attr *attr, enum capability capability,
		  const struct kf_request *request);
/* May a message be printed now (`now` in units of the interval)? *missed: so many were not, since the last time. */
bool attr_may_print(struct fault_attr *attr, uint64_t now, uint32_t *missed);

/* attr_text.c */
/* "failslab", ...; and back, -1 for another name. */
const char *capability_name(enum capability capability);
int capability_parse(const char *name);
/*
 * Set one attribute: `name` as debugfs has it ("min-order"), `value` as its file takes it; addresses also as "function",
 * "function+0x10" or the name of a module, which is why code must be known already. 0, or -1 with a sentence in err
 * (ATTR_ERR bytes): no such attribute of this capability, or no such value.
 */
#define ATTR_ERR 256
int attr_set(struct fault_attr *attr, enum capability capability, const char *name,
	     const char *value, char *err);
/* setup_fault_attr(): "<interval>,<probability>,<space>,<times>". 0, or -1 (err). */
int attr_setup(struct fault_attr *attr, enum capability capability, const char *text, char *err);
/* What is not at its default, as "probability 10, times -1"; "" when all is. malloc()ed. */
char *attr_text(const struct fault_attr *attr, enum capability capability, bool compat);

#endif
