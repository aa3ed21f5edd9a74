/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host-side files share. */
#ifndef KFAIL_NATIVE_HOST_H
#define KFAIL_NATIVE_HOST_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>
#include "../memcheck/client.h"
#include "runtime.h"
#include "../snapshot/snapshot.h"
#include "../sweep/target.h"

#define ERR_MAX 256 /* bytes in the caller's buffer for a sentence */

/* compile.c: make a shared object of a driver's source, in a directory that is removed when the
 * process that compiled exits. Fills `object` (a path of at most `size` bytes). 0, or -1 with a
 * sentence in err. */
int native_compile(const char *source, const char *module, char *object, size_t size, char *err);

/* load.c: the driver in memory. There is one. */
struct native_driver {
	char name[56];
	char path[4096];     /* of the shared object */
	uint64_t start, end; /* all of it */
	uint64_t text, text_end;
	int (*init)(void); /* NULL: it has none */
	void (*exit)(void);
	bool frame_pointers;		/* compiled by us: stacks can be walked quickly */
	struct snapshot_region data[8]; /* what it can write */
	unsigned data_count;
};
extern struct native_driver native_driver;
/* 0, or -1 with a sentence in err. */
int native_load(const char *object, const char *module, char *const *params, unsigned param_count,
		char *err);

/* callpoints.c: let the imports of the loaded object that are points lead to stubs. 0 or -errno. */
struct link_map;
int native_lead_to_stubs(const struct link_map *map);

/* names.c: read the symbol table of the loaded object. */
void native_read_names(const char *object);

/* run.c: the driver's stack, and what runs on it. */
bool native_run_open(void); /* signal handlers and the stack: once. False, with errno */
void native_run_region(struct snapshot_region *region);
bool native_running(void); /* somebody is on that stack */
/* Run fn on the driver's stack. False: it died. */
bool native_run(int64_t (*fn)(void *arg), void *arg, int64_t *result, struct death *death,
		unsigned timeout_ms);
extern struct native_stack_bounds {
	uint64_t low, size;
} native_stack_bounds;
void native_run_adopt(void); /* in a forked child: the clock does not tick yet */
void native_run_stacks(struct target_stacks *out); /* struct target's `stacks` */
void native_run_rearm(void);			   /* struct target's `rearm` */

/* fault.c: fill kind, what and address of a death. */
void native_describe_fault(int signal, const siginfo_t *info, const greg_t *regs,
			   struct death *death);

/* walk.c: stacks. */
uint32_t native_stack(void);
/* struct target's access_stack. */
uint32_t native_access_stack(const uint64_t *frames, unsigned count);
/* The stack of a fault; `ucontext` is the signal handler's. *exact: the first frame is the faulting
 * instruction. */
uint32_t native_fault_stack(const void *ucontext, bool *exact);

#endif
