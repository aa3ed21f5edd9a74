/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One pass over a scenario in which each of many points is refused once: "fork at the point". N points cost one pass and
 * N error paths, instead of N times the whole way to the point.
 */
#ifndef KFAIL_SWEEP_PASS_H
#define KFAIL_SWEEP_PASS_H

#include "run.h"

/*
 * Refuse each of the points first..last (first >= 1), each alone, and report what run_schedule() with the schedule of that
 * single point would come to: the same result, findings and text. `report` is called in ascending order; the
 * result is valid until it returns, and false from it ends the pass. Options `alive`, `unload` and `trace` are for runs of
 * their own and not looked at. Returns the last point that was reported: `last`, the one that ended the pass, or that of
 * a run that died; the world is lost then, and the process must be replaced.
 */
uint32_t pass_run(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, uint32_t first, uint32_t last,
		  bool (*report)(uint32_t n, struct run_result *result, void *arg), void *arg);

/* NULL: passes can be run with this target here. Else why not; pass_run() then makes a run of its own for each point. */
const char *pass_unable(const struct target *target);

#endif
