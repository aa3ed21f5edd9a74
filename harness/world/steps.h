/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stepping through the module under test, instruction by instruction, for interrupt points between its loads and stores
 * (interrupts.c). Only while some interrupt could come, so that nothing else pays for it.
 */
#ifndef KFAIL_WORLD_STEPS_H
#define KFAIL_WORLD_STEPS_H

#include <stdbool.h>
#include <stdint.h>

/* The module's code at `address` is about to run (behind a call that returns there, or behind an entry site): step from there
 * on. In a hook. */
void steps_from(uint64_t address);
/* A run starts, in a world that is as it was. */
void steps_begin(void);
/* In the handler of SIGTRAP, `context` is the ucontext_t: true when it was ours. */
bool steps_trap(void *context);

#endif
