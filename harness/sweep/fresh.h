/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fresh points: those behind a refusal that the baseline does not have behind it, because they lie on the
 * path that only the refusal opened.
 */
#ifndef KFAIL_SWEEP_FRESH_H
#define KFAIL_SWEEP_FRESH_H

#include "run.h"

/* After a recorded run: its fresh points behind the newest refusal, as ranges ("8x3,12"), malloc()ed; NULL: there are
 * none. */
char *fresh_points(const struct run_expect *expect);

/* Call fn for each point of such a text, ascending. False: it is none. */
bool fresh_for_each(const char *text, void (*fn)(uint32_t n, void *arg), void *arg);

#endif
