/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Injection policy: which requests are refused. The sites (allocator/) ask through
 * kf_hooks.should_fail; nothing here knows how a request is served. One counter of points per run,
 * from 1, over slab, page, vmalloc, vmap, per-CPU and cache requests made on behalf of the module
 * under test. After lib/fault-inject.c: the decision is a ladder of early returns.
 */
#ifndef KFAIL_INJECT_INJECT_H
#define KFAIL_INJECT_INJECT_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"
#include "../trace/caller.h"

/* "" (nothing), "7", "7+" (7 and all after), "3,9", "7x4" (7..10), and lists of these: "3,7x4,20+".
 */
#define SCHEDULE_RANGES	  32
#define SCHEDULE_TEXT_MAX 1024 /* longest canonical text, with its NUL */

struct schedule {
	struct schedule_range {
		uint32_t first, last; /* last UINT32_MAX: and all after */
	} ranges[SCHEDULE_RANGES];    /* ascending, neither overlapping nor adjacent */
	unsigned count;
};

/* 0, or -1 with a sentence in err (at most 256 bytes): what is wrong and where in the text. */
int schedule_parse(const char *text, struct schedule *out, char *err);
/* Canonical text, into buf; returns buf. */
char *schedule_print(const struct schedule *schedule, char *buf, unsigned size);
bool schedule_refuses(const struct schedule *schedule, uint32_t n);

/* One refused request. */
struct refusal {
	uint32_t n;
	struct kf_request request; /* .cache may be gone by the time this is read */
	char cache[32];		   /* its name, cut; "" when there is none */
	uint32_t stack;		   /* depot handle */
};

/* Start a run: counter at 0. `verbose`: print each refusal in the kernel's FAULT_INJECTION format
 * to standard error. */
void inject_begin(const struct schedule *schedule, bool verbose);
/* The task and the kernel's release, for the message. Both strings must stay valid. */
void inject_describe(const char *comm, const char *release);
/* Suspend and resume (settling, retry, unload): requests are neither counted nor refused. */
void inject_suspend(void);
void inject_resume(void);

/* The decision; called from kf_hooks.should_fail. `caller` is asked only when needed, and at most once. */
bool inject_should_fail(const struct kf_request *request, struct caller (*caller)(void));

uint32_t inject_points(void);		  /* points counted so far in this run */
uint32_t inject_refused(void);		  /* refusals so far in this run */
const struct refusal *inject_first(void); /* the oldest refusal of this run, or NULL */
const struct refusal *inject_last(void);  /* the newest refusal, or NULL */
/* Keep all points of a run, as inject_recorded(1..inject_points()); for the baseline. Off by
 * default. */
void inject_record(bool on);
const struct refusal *inject_recorded(uint32_t n); /* NULL: no such point */

/* The kernel's name for the capability that refuses such a request: "failslab". */
const char *inject_capability(enum kf_kind kind);

#endif
