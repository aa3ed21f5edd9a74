/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which line of the driver's source a finding is shown at, and how that file is called there: programs that annotate a
 * source tree know files by their path below its root.
 */
#ifndef KFAIL_REPORTS_PLACE_H
#define KFAIL_REPORTS_PLACE_H

#include "../harness/judge/finding.h"

/* The innermost frame of the driver in a file of its own, else in any file (an inline function of a kernel header), else
 * the innermost of the driver at all; NULL: the driver is not on this stack. */
const struct stack_frame *place_on_stack(const struct stack *stack);

/* The same for a finding: where it went wrong, else where the first object was allocated, else the refused request. NULL: no
 * stack of it has a frame of the driver. */
const struct stack_frame *place_of_finding(const struct finding *finding);

/* The name of a file below `root`, or NULL when it is not there. A relative name is below any root. Points into
 * `file`. */
const char *place_below(const char *file, const char *root);

#endif
