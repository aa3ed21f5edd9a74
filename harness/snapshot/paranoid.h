/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --paranoid: is the world after a restore really what it was? Private to the snapshot's files, but for paranoid_set().
 */
#ifndef KFAIL_SWEEP_PARANOID_H
#define KFAIL_SWEEP_PARANOID_H

#include <stdbool.h>

/* Check each `every`th restore of snapshots that are taken from now on, and each `every`th checkpoint; 0: none. A difference
 * ends the process with status 4 and a sentence on standard error. */
void paranoid_set(unsigned every);
/* With this status instead, in a process whose end somebody else explains. */
void paranoid_exit_with(int status);

enum paranoid_after {
	PARANOID_SNAPSHOT, /* the tables are made, and the world is as it is to be found again: remember all of it */
	PARANOID_RESTORE, /* it must be that again */
	PARANOID_RETURN,  /* it must be what it was at the mark */
};
void paranoid_look(enum paranoid_after after);
/* What was remembered is of no use any more. */
void paranoid_drop(void);

#endif
