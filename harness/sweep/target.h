/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sweep engine asks of a world: kernel mode (harness/world) and native mode (harness/native) each give one table.
 *
 * A target is prepared once per process (world mapped, modules loaded, snapshot taken right before the operation
 * that is judged); workers are forked from the prepared process. In a worker the engine then repeats:
 *
 *	restore -> call(INIT) -> [call(EXIT)] -> call(SETTLE) -> judge
 */
#ifndef KFAIL_SWEEP_TARGET_H
#define KFAIL_SWEEP_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/hooks.h"

enum target_op {
	TARGET_INIT,   /* the module's init; result: what it returned */
	TARGET_EXIT,   /* the module's exit; result 0 */
	TARGET_SETTLE, /* let works, timers due, RCU callbacks and tasks finish; result: how many RCU callbacks, works, tasks remain */
	TARGET_RELOAD, /* put the module's own data back as the loader made it, the rest of the world stays; for the retry question */
	TARGET_UNLOAD, /* the loader's whole unload path: once, in the baseline */
};

enum death_kind {
	DEATH_NONE,
	DEATH_NULL_DEREFERENCE, /* fault below 64 KiB, or on a non-canonical ERR_PTR-like address? no: only below 64 KiB */
	DEATH_WILD_ACCESS,
	DEATH_BUG, /* BUG(), panic */
	DEATH_ENDLESS_LOOP,
	DEATH_DEADLOCK,
	DEATH_STACK_OVERFLOW,
	DEATH_NOT_JUDGED, /* the world could not carry it: real hardware, real MMU */
};

struct death {
	enum death_kind kind;
	char what[256];	 /* "NULL pointer dereference, write to 0x18", "kernel BUG at mm/slub.c:123" */
	uint64_t address; /* of the access; 0 when there is none */
	uint32_t stack;	 /* depot handle */
	bool exact_pc;	 /* the first frame is the faulting instruction itself */
};

/* The execution context, as far as it must be the same after an operation as before. */
struct target_context {
	uint32_t preempt_count;
	bool irqs_disabled;
	uint32_t rcu_depth;
};

struct target {
	const char *kernel; /* "6.1.0-56-amd64", "native" */
	const char *module; /* name of the module under test */

	/* Run one operation. False: it died, *death says how; the world is then only good for reports. `timeout_ms`: of the host's CPU time. */
	bool (*call)(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms);
	/* Back to the snapshot. */
	void (*restore)(void);
	/* The context now. */
	void (*context)(struct target_context *out);
	/* Stack of the caller of a hook, innermost first. Returns the depot handle. */
	uint32_t (*stack)(void);
	/* Is the request that a hook is being asked about made on behalf of the module under test? (Its code is on the stack, above any interrupt's
	 * boundary, or its task is running.) Valid inside hooks only. */
	bool (*on_behalf)(void);
	/* Address is inside the module under test; inside any module (name in *name). */
	bool (*in_module)(uint64_t pc);
	const char *(*module_of)(uint64_t pc);
	/* Look for words outside the module that point into it (or into `objects`), which were not there in the snapshot: something is still
	 * registered. Calls fn for each, with a description of where the word is. */
	void (*dangling)(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg), void *arg);
	/* In a forked worker: make the process's memory its own. 0 or -errno. */
	int (*adopt)(void);
};

/* Events that a target reports to the judges while an operation runs (implemented in harness/judge/judge.c). */

/* might_sleep() was reached in a context where sleeping is forbidden. `what`: "might_sleep", "mutex_lock", ... */
void judge_sleep_in_atomic(const char *what, const struct target_context *context);
/* A WARN was hit; text is "WARNING at drivers/foo.c:12" or the like. */
void judge_warning(const char *what);
/* A context rule was broken: lock released twice, scheduling while atomic, ... */
void judge_context(const char *what);
/* A line of the kernel's log, for --verbose and reports. */
void judge_log(const char *line);

#endif
