/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Native mode: a driver's source, compiled by any compiler against kfail's own headers, on the same
 * allocators and judges as in kernel mode. For machines without kernel packages, for sanitizers and
 * fuzzing.
 */
#ifndef KFAIL_NATIVE_NATIVE_H
#define KFAIL_NATIVE_NATIVE_H

#include "../sweep/target.h"

/* What the compiler is to put into the driver; before native_prepare(). Not for a .so, which is as it is. */
struct native_instrumentation {
	bool kasan;    /* a check of every load and store */
	bool coverage; /* notes of where the code was (trace/coverage.h) */
};
void native_instrument(const struct native_instrumentation *wanted);

/*
 * Compile `source` (a .c file; a .so is taken as it is), load it, set its parameters
 * ("name=value"), start the world, take the snapshot. Once per process. 0, or -1 with one sentence
 * in err (at most 256 bytes); the compiler's own messages are on standard error then.
 *
 * Environment: CC (compiler and options), KFAIL_CFLAGS (further options), KFAIL_DATADIR (headers
 * are in its `native`).
 */
int native_prepare(const char *source, char *const *params, unsigned param_count,
		   struct target **out, char *err);

/* The shared object that was made of the source; valid as long as the process. */
const char *native_object(void);
/* Call fn for the name below /dev of each device that the driver has registered; a program can open it. */
void native_each_device(void (*fn)(const char *name, void *arg), void *arg);

/* Only the world, without a driver: memory and caches. 0, or -1 (err). */
int native_start(char *err);

/* Remove the compiled driver. exit() does it too; needed before _exit() only. What a killed process
 * left behind, the next one removes. */
void native_cleanup(void);

#endif
