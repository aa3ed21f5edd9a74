/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stepping through the module under test, instruction by instruction, and telling of each that reads or writes memory: so an
 * interrupt can come between its loads and stores. Only while somebody wants that, so that nothing else pays for it.
 */
#ifndef KFAIL_TRACE_STEPS_H
#define KFAIL_TRACE_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ucontext.h>

/* What is asked of the world. */
struct steps_world {
	bool (*in_module)(uint64_t pc);
	/* Are steps still wanted in this run? */
	bool (*active)(void);
	/* In a signal handler, at an instruction of the module that touches memory. True: the registers have been changed, and
	 * steps end. */
	bool (*access)(greg_t *regs);
	/* NULL, or: a byte of code is about to change. */
	void (*touch)(void *addr, size_t size);
};

/* Once; must stay valid. */
void steps_open(const struct steps_world *world);
/* The module's code at `address` is about to run (behind a call that returns there, or behind an entry site): step from there
 * on. */
void steps_from(uint64_t address);
/* A run starts. `restored`: the module's code is as it was; else what is left of the last run is taken out of it. */
void steps_begin(bool restored);
/* In the handler of SIGTRAP, `context` is the ucontext_t: true when it was ours. */
bool steps_trap(void *context);

#endif
