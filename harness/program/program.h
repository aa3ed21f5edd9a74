/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scenario's program in this process: a C file that was compiled, loaded, and bound to the system calls of a target. See
 * include/kfail/scenario.h for what it may do, and README.md for the files of this room.
 *
 * One program per process. All that it can change (its variables, its stack, its heap) is memory that
 * program_memory() names, so that a snapshot takes it along with the world.
 */
#ifndef KFAIL_PROGRAM_PROGRAM_H
#define KFAIL_PROGRAM_PROGRAM_H

#include "../sweep/target.h"

#define PROGRAM_ERR	       256
#define PROGRAM_OPERATIONS_MAX 64

struct kfail_operation;

/* Compile `path` if it is a source (else it is a .so), load it, bind it. 0; or -1: err (PROGRAM_ERR bytes) says what is
 * wrong with it. Once per process. */
int program_load(const char *path, char *err);

/*
 * A program of kfail's own in its place: one operation, code of this very process, which keeps what it writes to in
 * memory of user_malloc() (memory.h) and on its stack, and makes its calls with program_raw_call(). Its memory lies below
 * PROGRAM_LOW_END, and nothing else does. 0; or -1: err (PROGRAM_ERR bytes) says why its memory cannot be had.
 */
#define PROGRAM_LOW_END 0x40000000ul
int program_use(const char *name, const struct kfail_operation *operation, char *err);
/* In the program: a system call, with -errno. `name` is for reports. Does not return when the world died of it. */
int64_t program_raw_call(const char *name, long number, const uint64_t args[6]);

/* Is the run shown to somebody? Then what it prints goes to standard error, else nowhere. */
bool program_prints(void);

/* "use_foo": the file's name. */
const char *program_name(void);
/* Operations, in their order in the file. */
unsigned program_operations(void);
const char *program_operation_name(unsigned i);
const int *program_operation_errors(unsigned i); /* NULL: any; else ended by 0 */
bool program_operation_once(unsigned i);

/* The program's memory, of which it can change what has PROT_WRITE; whole pages. Returns how many there are. */
unsigned program_memory(struct snapshot_region *regions, unsigned max);

/* In the runs to come: is the program's memory out of reach of kernel code, but for the functions that copy from and to
 * user space (hide.c)? Off at first. */
void program_hide(bool on);

/* The parts of the program that are run. */
enum program_part {
	PROGRAM_SETUP,	  /* of the scenario; no operation */
	PROGRAM_BEFORE,	  /* .setup of operation i */
	PROGRAM_RUN,	  /* operation i itself */
	PROGRAM_CHECK,	  /* .check of i */
	PROGRAM_AFTER,	  /* .teardown of i */
	PROGRAM_TEARDOWN, /* of the scenario */
	PROGRAM_END,	  /* close all files that are open */
};

enum program_end {
	PROGRAM_RETURNED, /* *result is what it returned (0: there is no such part) */
	PROGRAM_DIED,	  /* the world is lost: outcome.death, in outcome.call */
	PROGRAM_STOPPED,  /* a system call left the context unbalanced, and it is told */
	PROGRAM_SKIPPED,  /* it cannot be judged: outcome.why */
};

struct program_outcome {
	int64_t result;
	struct death death;
	char operation[96]; /* what was going on: "ioctl() of operation fill" */
	char why[256];
};

struct program_options {
	unsigned
		timeout_ms; /* of CPU time, for each system call; the whole part has four times that */
	bool print;	    /* printf() goes to standard error */
	void (*beat)(void); /* NULL, or: a sign of life, before each system call */
};

/* Run one part of the program on its own stack, its system calls going to the target. Judges are told of contexts
 * that are not balanced, of errnos that are none, and of expect() that fails. */
enum program_end program_run(const struct target *target, const struct program_options *options,
			     enum program_part part, unsigned i, struct program_outcome *out);

/* In a part of the program: the stack pointer at which the host's stack was left for the program's; 0: none runs. */
uint64_t program_host_stack(void);
/* The limits of the part that runs, if one does, begin anew. */
void program_rearm(void);

#endif
