/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts by schedule: who is interrupted, and by what. An *interrupt point* is a moment of the operation that is swept
 * at which interrupts are on, together with one interrupt that could come then and runs code of the module under test; points
 * are counted from 1, like requests. The world knows the moments and what could come (world/interrupts.c),
 * and asks here, point for point; the schedule's "irq=" says at which it comes.
 *
 *	interrupts_want()	before a world is prepared: such moments are to be told
 *	interrupts_begin()	a run starts
 *	   ... interrupts_comes() at each point ...
 *	interrupts_last()	what came, for the verdict
 *
 * While nobody wants them, no world asks.
 */
#ifndef KFAIL_INJECT_INTERRUPTS_H
#define KFAIL_INJECT_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>
#include "inject.h"

enum interrupt_kind { INTERRUPT_LINE, INTERRUPT_TIMER, INTERRUPT_HRTIMER, INTERRUPT_TASKLET };

/* One that could come. */
struct interrupt {
	uint32_t n; /* its point; 0: none */
	enum interrupt_kind kind;
	uint32_t irq;	  /* of a line */
	uint64_t handler; /* function of the module under test */
	char name[32];	  /* of a line's handler, cut; "" when there is none */
	uint32_t stack;	  /* depot handle: where it came; set when it comes */
};

void interrupts_want(bool wanted);
bool interrupts_wanted(void);

/* A run starts: counter at 0. */
void interrupts_begin(const struct schedule *schedule);
/* Are points counted now? Not while requests are not (inject_suspend()), nor when all that was to come has come. */
bool interrupts_active(void);
/* The next point: does this one come now? `stack`: asked only if it does, for a handle of the depot. */
bool interrupts_comes(const struct interrupt *candidate, uint32_t (*stack)(void));

/* Do those of all points come in this run? */
bool interrupts_every(void);
/* Has this place been come to so often in this run that it does not count any more? A loop's many turns are alike: points are
 * about the module's code, not about how often it runs. */
bool interrupts_is_repetition(uint64_t place);
uint32_t interrupts_points(void); /* counted so far in this run */
/* The newest that came in this run; NULL: none did. */
const struct interrupt *interrupts_last(void);

#endif
