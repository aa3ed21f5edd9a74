/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who runs a target: target.h says what one is.
 */
#ifndef KFAIL_FUZZ_ENGINE_H
#define KFAIL_FUZZ_ENGINE_H

#include "target.h"

/* ---- inputs as files: file.c ---------------------------------------------------------------------------- */

#define FUZZ_TEXT_SUFFIX ".kfuzz" /* of a file that holds an input in its text form */

/* Is this the name of such a file? */
bool fuzz_is_text(const char *path);
/* The bytes of an input, malloc()ed, from a file in either form. NULL: a sentence in err (FUZZ_ERR bytes), with the
 * line and column of what is no input. */
uint8_t *fuzz_load(const struct fuzz_target *target, const char *path, size_t *size, char *err);

/* ---- without AFL++: run.c ------------------------------------------------------------------------------- */

struct fuzz_run_options {
	unsigned timeout_ms; /* of the host's CPU time, for one input; 0: as long as it takes */
	bool careful;	     /* as for fuzz_target.run */
};

/*
 * Run files with an opened target, each from the same state, in a child of this process; one that dies is a finding, and the
 * next file gets another child. `told` is called in this process for each file, in order: `outcome` NULL, it could not be
 * read, and `err` says why. 0, or -errno of the host.
 */
int fuzz_run_files(const struct fuzz_target *target, const struct fuzz_run_options *options,
		   char *const *files, unsigned count,
		   void (*told)(const char *file, const struct fuzz_outcome *outcome,
				const char *err, void *arg),
		   void *arg);

/* ---- deaths: crash.c -------------------------------------------------------------------------------------- */

/* Catch the signals of this process that mean a death; target->fault() is asked first. With `died` NULL a death ends the
 * process as it would without; else it is told as a finding, with its stack, and then the process exits with
 * status 1. False, with errno. */
bool fuzz_catch(const struct fuzz_target *target, void (*died)(const struct finding *finding));
/* Open a target, whose own faults are caught from then on. As fuzz_target.open. */
int fuzz_open(const struct fuzz_target *target, const struct fuzz_setup *setup, char *err);
/* Whoever called the function of this frame runs the target, and is left out of a death's stack. */
void fuzz_stack_ends_here(const void *frame);
/* What a process came to that ended so (waitpid(2)'s status): kind, and a sentence in `what`. */
enum finding_kind fuzz_death(int status, char *what, size_t size);

/* ---- AFL++: afl.c ----------------------------------------------------------------------------------------- */

/* Is this process run by AFL++ (or afl-showmap, afl-cmin, ...)? */
bool fuzz_under_afl(void);
/* Was this program compiled so that AFL++ can drive it? */
bool fuzz_can_afl(void);
/* The fork server, and inputs until AFL++ has enough. A finding is told on standard error, and ends the process by
 * abort(). Returns the status to exit with. */
int fuzz_afl(const struct fuzz_target *target);

#endif
