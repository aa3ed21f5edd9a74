/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A checkpoint in place: everything that it takes to come back to a point in the midst of a run, after the run went on to
 * its end in one way, so that it can go on in another. Instead of fork(), which costs a process per point.
 */
#ifndef KFAIL_SWEEP_CHECKPOINT_H
#define KFAIL_SWEEP_CHECKPOINT_H

#include "target.h"

/* In a hook of a run whose course stands on the host stack that ends at `course_top`: save what the host knows of the
 * run, and the world. What was saved before is given up. The caller's own registers are not saved: it does that with
 * _setjmp(), in a frame that lies outside of this call. */
void checkpoint_take(const struct target *target, uint64_t course_top);

/* On another stack than those that were saved, after the run's end, while the world can still be trusted: all of it is as
 * it was when checkpoint_take() returned. The caller goes on with _longjmp(). */
void checkpoint_return(void);

/* Take one and return to it, between runs: what it costs here, for benches. */
void checkpoint_try(void);

/* False: the run has given up something that a return would need. */
bool checkpoint_valid(void);

/* Host memory that belongs to a run and cannot be marked with RUN_STATE (up to 8 ranges, for good). */
void checkpoint_keep(void *start, size_t size);

#endif
