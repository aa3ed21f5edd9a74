/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scans for unreferenced objects in the midst of a run: when they are made, and what becomes of what they find (scan.c).
 */
#ifndef KFAIL_SWEEP_SCAN_H
#define KFAIL_SWEEP_SCAN_H

#include "course.h"

/* For all runs of this process and those forked from it: a scan behind each `every`-th operation, init being the first
 * (0: none); and these commands of kmemleak, separated by commas, right behind init (NULL: none). */
void scan_set(unsigned every, const char *commands);

/* With run_attach(). */
void scan_attach(const struct target *target);
/* Behind judge_begin(). */
void scan_begin(void);
/* An operation is over, and succeeded or not; the world is at rest. False: the run ends here. */
bool scan_after(struct run *run, const char *operation);
/* Before the verdict: a run that should have been scanned and could not be is not judged. */
void scan_end(struct run *run);

#endif
