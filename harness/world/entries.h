/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function entry sites of kernel mode (trace/fentry.h): those of the image, of the override layer's functions that stand in
 * for the image's, and of modules.
 */
#ifndef KFAIL_WORLD_ENTRIES_H
#define KFAIL_WORLD_ENTRIES_H

#include <stdint.h>

/* When the module under test is loaded, and before the first snapshot: arm what those who listen want. Does nothing when
 * nobody does. 0, or -1 (err, KF_ERR bytes): the filter of a trace matches nothing. */
int entries_arm(char *err);

/* interrupts.c: listen for calls of the module under test, if interrupts are wanted (inject/interrupts.h). */
void interrupts_listen(void);
/* The function of the layer that makes one; 0: none is wanted. */
uint64_t interrupts_function(void);
/* A run starts, in a world that is as it was. */
void interrupts_run_begins(void);

#endif
