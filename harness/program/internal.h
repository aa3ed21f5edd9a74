/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of harness/program/ share. */
#ifndef KFAIL_PROGRAM_INTERNAL_H
#define KFAIL_PROGRAM_INTERNAL_H

#include <stddef.h>
#include "program.h"

/* compile.c: a source into a shared object, whose path comes back. 0 or -1 (err). It stays as long as the process, since
 * reports read its lines. */
int program_compile(const char *source, char *object, size_t size, char *err);

/* memory.c: the program's heap and stack, at fixed addresses; `low`: below all else that is mapped. 0 or -1 (err). */
int program_memory_open(bool low, char *err);
unsigned program_memory_regions(struct snapshot_region *regions);
void *program_stack(size_t *size);
bool program_stack_guard(uint64_t addr);

/* hide.c: are calls of this run made with the program's memory out of reach? Then by this; else as target->syscall(). */
bool program_hides(void);
bool program_hidden_call(const struct target *target, struct target_syscall *call, int64_t *result,
			 struct death *death, unsigned timeout_ms);
/* In the signal handlers: a fault at hidden memory, and the trap behind its instruction. False: it is something else. */
bool program_hidden_fault(const struct target *target, uint64_t addr, void *context);
bool program_stepped(void *context);
/* Another signal came, and the target looks at stacks now: they are as they should be. */
void program_hidden_death(void);

/* run.c: leave the program for good, from anywhere on its stack. */
_Noreturn void program_leave(enum program_end end);
/* The part that runs now, for sentences: "operation fill", "check of fill". */
const char *program_where(void);
_Noreturn __attribute__((format(printf, 1, 2))) void program_skip(const char *format, ...);
/* A system call for the program: -1 and errno, or the result. */
long program_call(const char *name, long number, const uint64_t args[6]);

/* load.c: the shared object's file, and where it is loaded. */
const char *program_object(uint64_t *base);
/* where.c: "check() at use_foo.c:12". */
void program_describe(uint64_t pc, char *text, size_t size);

/* load.c: what a part calls; NULL: there is no such part. */
int64_t (*program_function(enum program_part part, unsigned i))(void);

/* bind.c: what an imported name leads to: ours, or NULL with *pure saying that the C library's may be used. */
void *program_binding(const char *name, bool *pure);

#endif
