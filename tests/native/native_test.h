/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process can prepare one driver only, and may die of it: so each driver is tried in a child,
 * which leaves what it saw in shared memory.
 */
#ifndef NATIVE_TEST_H
#define NATIVE_TEST_H

#include <CUnit/Basic.h>
#include <stdbool.h>
#include "../../harness/native/native.h"
#include "../../harness/sweep/sweep.h"

#define DRIVERS	     "tests/native/drivers/"
#define FINDINGS_MAX 16

struct seen {
	bool finished; /* the child came to its end */
	int prepared;  /* what native_prepare() returned */
	char err[256];
	char log[4096]; /* the driver's */
	bool alive;
	int64_t result; /* of init */
	struct death death;
	char frames[8][64]; /* functions on the stack of the death, innermost first */
	unsigned finding_count;
	struct {
		enum finding_kind kind;
		char schedule[16], what[256], function[64];
	} findings[FINDINGS_MAX];
	uint64_t numbers[8]; /* for the test's own use */
};

struct trial {
	const char *driver;	   /* path of the source */
	const char *const *params; /* ends with NULL; or NULL */
	const char *cc, *cflags;   /* NULL: as they are */
	const char *points;	   /* --points; NULL: allocations */
	const char *guard;	   /* --guard: the edge, "right" or "left"; NULL: none */
	bool quiet;		   /* drop the compiler's messages */
	/* What to do with the prepared target; NULL: nothing. */
	void (*body)(const struct target *target, struct seen *seen);
};

/* Returns the child's record; valid until the next call. */
const struct seen *try_driver(const struct trial *trial);

/* Bodies: one run without refusals, judged; a whole sweep; init alone, without judges. */
void body_run(const struct target *target, struct seen *seen);
void body_sweep(const struct target *target, struct seen *seen);
void body_init(const struct target *target, struct seen *seen);

/* Is this function among the frames of the death? */
bool seen_frame(const struct seen *seen, const char *function);

/* The sentence of a finding of this kind; NULL when there is none. */
const char *seen_finding(const struct seen *seen, enum finding_kind kind);

extern CU_TestInfo header_tests[], death_tests[], context_tests[], compile_tests[], target_tests[],
	driver_tests[];

#endif
