/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of benign sites: requests whose failure is known to do no harm, or to be somebody else's business, each with the
 * reason. They are no points: not refused, but counted and listed in the report. One entry a line:
 *
 *	# site                       reason
 *	my_cache_fill+0x1c           a hint, a miss only costs time
 *	drivers/my/my.c:120          as agreed with the maintainer
 *	my_debug_init                everything in this function
 *
 * A site is the innermost frame of the module under test, the place in its code that asked.
 */
#ifndef KFAIL_INJECT_BENIGN_H
#define KFAIL_INJECT_BENIGN_H

#include <stdatomic.h>
#include "places.h"

#define BENIGN_ERR 1024

struct benign {
	struct benign_entry {
		char *site, *reason;
		unsigned line; /* of the file */
		bool known;    /* there is such code */
		struct places places;
	} * entries;
	unsigned count;
	_Atomic uint32_t *
		most; /* of each entry: requests in the run that had most; shared with processes forked later */
	uint32_t *here; /* in this run */
	uint32_t *kept; /* in this run, up to its checkpoint */
};

/* 0, or -1 with a sentence in err: cannot be read, or FILE:LINE and what is wrong there. */
int benign_read(const char *path, struct benign *out, char *err);
/* When all code is loaded. 0, or -1 (err): lines are named, and there is no debug information. */
int benign_resolve(struct benign *benign, char *err);
/* Is the place that returns to `pc` in the file? Then it is counted. */
bool benign_covers(struct benign *benign, uint64_t pc);
/* A run begins; and is over: the counts of it are kept. */
void benign_begin(struct benign *benign);
void benign_end(struct benign *benign);
/* Remember the counts of a run in its midst; go back to them. */
void benign_checkpoint(struct benign *benign);
void benign_return(struct benign *benign);
void benign_clear(struct benign *benign);

#endif
