/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sweep engine asks of a world: kernel mode (harness/world) and native mode
 * (harness/native) each give one table.
 *
 * A target is prepared once per process (world mapped, modules loaded, snapshot taken right before
 * the operation that is judged); workers are forked from the prepared process. In a worker the
 * engine then repeats:
 *
 *	restore -> call(INIT) -> [call(EXIT)] -> call(SETTLE) -> judge
 *
 * The events that a target reports while an operation runs (judge_warning() and its kin), and the
 * types of what it answers, are in judge.h.
 */
#ifndef KFAIL_SWEEP_TARGET_H
#define KFAIL_SWEEP_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "../judge/judge.h"

enum target_op {
	TARGET_INIT, /* the module's init; result: what it returned */
	TARGET_EXIT, /* the module's exit; result 0 */
	/* Let works, timers due, RCU callbacks and tasks finish; result: how many of them remain.
	 */
	TARGET_SETTLE,
	/* Put the module's own data back as the loader made it, the rest of the world stays; for
	 * the retry question. */
	TARGET_RELOAD,
	TARGET_UNLOAD, /* the loader's whole unload path: once, in the baseline */
};

struct target {
	const char *kernel; /* "6.1.0-56-amd64", "native" */
	const char *module; /* name of the module under test */
	bool permanent;	    /* it has no exit: the kernel never unloads it */

	/* Run one operation. False: it died, *death says how; the world is then only good for
	 * reports. `timeout_ms`: of the host's CPU time. */
	bool (*call)(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms);
	/* Back to the snapshot. */
	void (*restore)(void);
	/* The context now. */
	void (*context)(struct target_context *out);
	/* The task now, for a trace. */
	void (*task)(struct trace_task *out);
	/* Who called a hook or made an event, by one walk of its stack. On behalf of the module under test: its code
	 * is on the stack, above any interrupt's boundary, or its task is running. */
	struct caller (*caller)(void);
	/* Address is inside the module under test; inside any module (its name, else NULL). */
	bool (*in_module)(uint64_t pc);
	const char *(*module_of)(uint64_t pc);
	/* Look for words outside the module that point into it, which were not there in the
	 * snapshot: something is still registered. Calls fn for each, with a description of where
	 * the word is. May be NULL. */
	void (*dangling)(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
			 void *arg);
	/* In a forked worker: make the process's memory its own. 0 or -errno. */
	int (*adopt)(void);
	/* Write gdb commands (add-symbol-file, ...) that make the loaded code known. May be NULL.
	 */
	void (*debugger)(FILE *out);
};

#endif
