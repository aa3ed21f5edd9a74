/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who asks inside a hook: what one walk of the stack tells, and the task. A walk is the dearest part of a hook, so it is
 * made once and handed to all who want to know: injection, judges, trace.
 */
#ifndef KFAIL_TRACE_CALLER_H
#define KFAIL_TRACE_CALLER_H

#include <stdbool.h>
#include <stdint.h>

struct caller {
	uint32_t stack; /* depot handle, innermost frame first; 0: nobody's */
	bool on_behalf; /* of the module under test */
};

/* The task that asks, as every event of a trace has it (struct trace_entry of 6.1). */
struct trace_task {
	uint64_t ns; /* since boot, by the world's clock */
	int32_t pid;
	char comm[16];
	uint32_t preempt_count; /* the kernel's, without the need-resched bit */
	uint32_t migrate_disabled;
	bool irqs_disabled;
};

#endif
