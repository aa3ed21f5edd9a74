/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of a driver's requests inputs have refused, and which they made but never refused: over all inputs that this process
 * and its children look at everything of.
 */
#ifndef KFAIL_FUZZ_DRIVER_SITES_H
#define KFAIL_FUZZ_DRIVER_SITES_H

#include <stdio.h>

struct target;

/* Once, before children are forked. 0 or -errno. */
int sites_open(void);
/* A run is over that kept its points (run_options.record), under this schedule. */
struct schedule;
void sites_note(const struct target *target, const struct schedule *schedule);
/* How many there are, and in a line each those that were never refused, in the order in which they were first seen; nothing when
 * no run was noted. */
void sites_print(FILE *out);

#endif
