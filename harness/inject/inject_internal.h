/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this room share about a run.
 */
#ifndef KFAIL_INJECT_INTERNAL_H
#define KFAIL_INJECT_INTERNAL_H

#include "policy.h"

/* inject.c: the task that runs now; zeros when nobody tells. */
void inject_task(struct trace_task *out);
/* Is the run a baseline: its points are kept, and nothing is refused? */
bool inject_is_baseline(void);
/* Points are counted from 1 again. */
void inject_restart(void);
/* From here on, requests of this run must be looked at. */
void inject_look_closer(void);

/* fail_nth.c: a run starts, in this task: it alone has make-it-fail, and nobody counts down. */
void fail_nth_begin(int32_t pid);
/* Remember the countdowns of a run in its midst; go back to them. */
void fail_nth_checkpoint(void);
void fail_nth_return(void);
/* A point is asked for. *pending: a countdown goes on, so chance has no part. True: it has come to 0. */
bool fail_nth_hit(bool *pending);
/* A task with make-it-fail asks, and no interrupt. */
bool fail_nth_made_to_fail(void);

/* region.c: a run starts, outside of all regions. */
void region_begin(void);
/* Requests made here are points. */
bool region_is_open(void);
/* The program marks regions at all. */
bool region_in_use(void);
bool region_is_benign(void);
/* The flag that it does is shared with processes forked later. */
void region_share(void);

/* message.c: fail_dump(): the kernel's message about a refusal, before it is counted in `attr`. */
void message_print(const struct refusal *refusal, struct fault_attr *attr, bool compat);

#endif
