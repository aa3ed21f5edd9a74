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
#include "../kmemleak/kmemleak.h"
#include "../snapshot/snapshot.h"
#include "../trace/coverage.h"

enum target_op {
	TARGET_INIT, /* the module's init; result: what it returned */
	/* The module's exit; result 0, or -EWOULDBLOCK: it has come up (TARGET_LIVE) and is still in use, which
	 * is told, and nothing was done. */
	TARGET_EXIT,
	/* Let works, timers due, RCU callbacks and tasks finish; result: how many of them remain.
	 */
	TARGET_SETTLE,
	/* Put the module's own data back as the loader made it, the rest of the world stays; for
	 * the retry question. */
	TARGET_RELOAD,
	TARGET_UNLOAD, /* the loader's whole unload path: once, in the baseline */
	/* For scenarios. */
	TARGET_LIVE, /* init has succeeded: the module is live, and everybody is told */
	TARGET_IDLE, /* all other tasks run until they block; no time passes */
};

/* A system call of a scenario's program. */
struct target_syscall {
	const char *name; /* "ioctl"; for reports */
	uint64_t number;  /* of x86-64 */
	uint64_t args[6];
	bool unbalanced; /* out: it came back with a lock held, which is told */
	bool missing;	 /* out: this world has no such system call */
};

struct scenario;

/* Where a hook stands, on the host's side; world memory does not count. */
struct target_stacks {
	uint64_t
		host; /* stack pointer where the host's stack was left for the world's; 0: hooks are on it */
	uint64_t hook_low, hook_high; /* a stack that hooks run on; 0, 0: none but those two */
};

struct target {
	const char *kernel; /* "6.1.0-56-amd64", "native" */
	const char *module; /* name of the module under test */
	bool permanent;	    /* it has no exit: the kernel never unloads it */
	bool library;	    /* it may export symbols: others can use it with nothing registered */
	/* It brings KUnit suites along: none; they run in its init; they run when it is live. */
	enum target_kunit { KUNIT_NONE, KUNIT_IN_INIT, KUNIT_WHEN_LIVE } kunit;

	/* Run one operation. False: it died, *death says how; the world is then only good for
	 * reports. `timeout_ms`: of the host's CPU time. */
	bool (*call)(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms);
	/* Back to the snapshot. */
	void (*restore)(void);
	/* For scenarios; NULL: this world has no system calls.
	 * A system call: *result is what a program gets, -errno for -1. Else as call(). */
	bool (*syscall)(struct target_syscall *call, int64_t *result, struct death *death,
			unsigned timeout_ms);
	/* Once, right before the module's init: make ready for a program, whose memory (whole pages) is part of
	 * the snapshot from now on. 0 or -1 (err). */
	int (*program)(const struct snapshot_region *memory, unsigned count, char *err);
	/* Once, before the first restore() and program(): programs make calls by chance. Their pointers are good below `user_end`
	 * only, whatever this process has mapped behind; and a call that waits for ever where a signal would end the wait
	 * gets one, since no program of that kind could not be killed. 0 or -1 (err, 256 bytes). NULL: this world cannot. */
	int (*by_chance)(uint64_t user_end, char *err);
	/* The next restore() keeps the world as it is then: a new snapshot. */
	void (*mark)(void);
	const struct scenario *scenario; /* what is done with the module; NULL: init, then exit */
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
	/* Under valgrind, an error was told: the depot's stack of it, the instruction first. `frames` is what valgrind takes for
	 * the stack: the first is the instruction. 0: none of the world's business. NULL: nobody asks. */
	uint32_t (*access_stack)(const uint64_t *frames, unsigned count);
	/* Look for words outside the module that point into it, which were not there in the
	 * snapshot: something is still registered. Calls fn for each, with a description of where
	 * the word is. May be NULL. */
	void (*dangling)(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
			 void *arg);
	/* As in struct judge_eyes; NULL: nobody can tell. */
	bool (*active)(uint64_t addr, uint64_t size, struct active_inside *out);
	/* In a forked worker: make the process's memory its own. 0 or -errno. */
	int (*adopt)(void);
	/* In a hook: what a checkpoint must save of the host. NULL: this target cannot come back to one. */
	void (*stacks)(struct target_stacks *out);
	/* The time limit of the operation that runs begins anew. May be NULL: there is none. */
	void (*rearm)(void);
	/* Where a scan for unreferenced objects begins (struct kml_world). NULL: this world cannot be scanned. */
	void (*roots)(void (*fn)(const struct kml_root *root, void *arg), void *arg);
	uint64_t covered_start, covered_end;
	/* In a signal handler: the instruction at `context` (ucontext_t) touches memory of the program while a system call
	 * runs. Tells the judges, unless it is one of a copy function or no code of the world. True: it is in a function that
	 * does nothing but copy, calls nobody, and whose return address lies on top of the stack. May be NULL. */
	bool (*user_access)(void *context, uint64_t addr, bool write);
	/* Where the code of the module under test is, and what it calls for coverage. */
	void (*code)(struct coverage_code *out);
	/* Write gdb commands (add-symbol-file, ...) that make the loaded code known. May be NULL.
	 */
	void (*debugger)(FILE *out);
};

#endif
