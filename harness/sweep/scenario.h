/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done with a module, beyond init and exit: a program's operations (harness/program/), or the KUnit suites that
 * the module brings along, which the kernel runs when the module is live.
 */
#ifndef KFAIL_SWEEP_SCENARIO_H
#define KFAIL_SWEEP_SCENARIO_H

#include "target.h"

enum scenario_kind { SCENARIO_PROGRAM, SCENARIO_KUNIT };

struct scenario {
	enum scenario_kind kind;
	const char *name; /* "use_foo", "kunit" */
	bool whole;	  /* all of it is one operation */
	int only;	  /* the one operation that is swept; -1: each of them */
	uint64_t without; /* bit n: operation n+1, of the program, is left out */
};

/* Make the target ready for this scenario, before the first worker is forked. A program must be loaded. 0, or -1
 * (err, 256 bytes): it cannot run there. */
int scenario_attach(struct target *target, const struct scenario *scenario, char *err);

/* The operation of target->scenario with this name; -1: it has none. `names` (of `size` bytes) gets all of them, for a
 * sentence. */
int scenario_find(const struct target *target, const char *name, char *names, size_t size);

/* How many operations the program of target->scenario has: numbers 1 to this of scenario_find(), between init and exit. */
unsigned scenario_program_operations(const struct target *target);

#endif
