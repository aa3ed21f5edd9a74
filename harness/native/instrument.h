/* SPDX-License-Identifier: GPL-2.0-only */
/* Instrumented drivers in native mode (instrument.c). */
#ifndef KFAIL_NATIVE_INSTRUMENT_H
#define KFAIL_NATIVE_INSTRUMENT_H

#include <stdint.h>

struct compiler;

/* The compiler's options for what was asked for. 0 or -1 (err). */
int native_instrument_flags(struct compiler *c, char *err);
/* The driver is loaded and its stack is there: the shadow and the map of coverage, before the snapshot. 0 or -1 (err). */
int native_instrument_open(char *err);
/* What instrumented code calls for coverage; 0: nothing. */
uint64_t native_collector(void);
/* Is it in the memory of a scenario's program? (native.c) */
_Bool native_is_user(uint64_t addr);

#endif
