/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the library share. */
#ifndef KFAIL_LIBRARY_LIBRARY_H
#define KFAIL_LIBRARY_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"

/* report.c */
/* Take the hooks. `go_on`: a bug does not abort the program. */
void report_start(bool go_on);
/* The program has ended. */
void report_at_exit(void);
/* The stack of the caller, from the kernel function that the program called outwards, as a handle of the depot. */
uint32_t report_stack(void);
/* A line of the report, and the stack of a handle below it. */
__attribute__((format(printf, 1, 2))) void report_line(const char *format, ...);
void report_print_stack(uint32_t stack);

/* leaks.c: print what was allocated after `first_seq` and is alive; returns the number of objects. */
uint64_t leaks_report(uint64_t first_seq);

/* sanitizers.c: the compiler's sanitizers see only the program, not what the allocators do. */
bool sanitizer_watches_threads(void);
/* The allocators have started. */
void sanitizer_start(void);
void sanitizer_allocated(const struct kf_object *object);
void sanitizer_freed(const struct kf_object *object);
/* Around code whose writes the memory sanitizer has not seen. */
void sanitizer_enter(void);
void sanitizer_leave(void);

#endif
