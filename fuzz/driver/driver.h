/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver as a fuzz target.
 *
 *	driver_edges_open()	before the world is prepared: what is covered is counted
 *	(the world is prepared with the driver, as for a sweep)
 *	driver_attach()		the driver is what `driver_target` runs from now on
 *
 * An input is calls (input.h), made between the driver's init and its exit. The snapshot lies behind init: each input starts
 * from the same bytes, all files are closed behind its calls, the driver's exit runs, and the judges ask what a
 * sweep's ask (harness/sweep). What shows without any call is told once, by driver_baseline(), and is no finding of an
 * input.
 */
#ifndef KFAIL_FUZZ_DRIVER_DRIVER_H
#define KFAIL_FUZZ_DRIVER_DRIVER_H

#include "../../harness/sweep/run.h"
#include "../engine/target.h"
#include "model.h"

struct driver_options {
	unsigned timeout_ms; /* of CPU time, for each call */
	bool whole;	     /* each input begins before init, where requests are refused as well */
	bool show;	     /* calls and what they return, to standard error */
	const char *object;  /* file with the driver's code */
	const char *description,
		*text; /* a description's file and what it says; NULL: there is none */
	/* Is this one known, and no reason to stop? NULL: none is. */
	bool (*accepts)(const struct finding *finding, void *arg);
	void *arg;
};

/* `all`: every function of the kernel that is called, whoever called it; else those of modules, and those that they call. */
void driver_edges_open(bool all);

/* 0, or -1 with a sentence in err (FUZZ_ERR bytes): wrong input. */
int driver_attach(struct target *target, const struct driver_options *options, char *err);

/* What the driver can be asked. */
const struct driver_model *driver_model(void);

/* What an input without calls comes to, in a child: for who starts a campaign. Cleared with fuzz_outcome_clear(). */
int driver_baseline(struct fuzz_outcome *out, char *err);

/* Which requests of the driver the inputs that were run with everything looked at have never refused. */
void driver_print_sites(FILE *out);

/* Inputs to begin with, made from what the driver can be asked: calls fn for each until it returns another value than 0, which is
 * returned. */
int driver_seeds(int (*fn)(const char *name, const uint8_t *data, size_t size, void *arg),
		 void *arg);

extern const struct fuzz_target driver_target;

#endif
