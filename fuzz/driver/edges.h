/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map that AFL++ looks at, for a driver: edges of instrumented code, and functions of all other (world/override/coverage.h,
 * trace/fentry.h).
 */
#ifndef KFAIL_FUZZ_DRIVER_EDGES_H
#define KFAIL_FUZZ_DRIVER_EDGES_H

#include <stdbool.h>

/* Before the world is prepared. */
void edges_open(void);
/* Count into AFL++'s map, if there is one, from now on; or into nobody's. */
void edges_begin(void);
void edges_end(void);
/* Places of the map that were counted in the newest run. */
unsigned edges_count(void);

#endif
