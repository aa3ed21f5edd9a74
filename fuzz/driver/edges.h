/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map that AFL++ looks at, for a driver: edges of instrumented code, and functions of all other (world/override/coverage.h,
 * trace/fentry.h).
 */
#ifndef KFAIL_FUZZ_DRIVER_EDGES_H
#define KFAIL_FUZZ_DRIVER_EDGES_H

#include <stdbool.h>
#include <stdint.h>

/* Before the world is prepared. */
void edges_open(void);
/* Count into AFL++'s map, if there is one, from now on; or into nobody's. */
void edges_begin(void);
void edges_end(void);
/* What a call came to is a place, too: two calls that fail in the same functions differ in why. `call`: which call of what; `result`
 * as a program gets it. */
void edges_note_result(unsigned call, int64_t result);
/* A request was refused at this site (run_site()). */
void edges_note_refusal(uint64_t site);
/* Places of the map that were counted in the newest run. */
unsigned edges_count(void);

#endif
