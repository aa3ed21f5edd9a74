/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One pass through an operation in which each point of a row is refused once.
 */
#ifndef KFAIL_SWEEP_PASS_H
#define KFAIL_SWEEP_PASS_H

#include "run.h"

/* Refuse first..last, each once, as run_schedule() would with that point alone; report() gets each result, in order, and
 * clears it. A death ends the pass. Returns the last point that was reported; first - 1: none. */
uint32_t pass_run(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, uint32_t first, uint32_t last,
		  void (*report)(uint32_t n, struct run_result *result, void *arg), void *arg);

#endif
