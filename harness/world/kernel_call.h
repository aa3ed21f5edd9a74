/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running kernel code from the host, and leaving it again (enter.S, kernel_call.c).
 */
#ifndef KFAIL_WORLD_KERNEL_CALL_H
#define KFAIL_WORLD_KERNEL_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include "../sweep/target.h"

/* How kernel code gave control back. */
enum kernel_how {
	KERNEL_RETURNED, /* the function returned */
	KERNEL_YIELDED,	 /* the agent asks for the next operation; kernel_continue() goes on */
	KERNEL_DIED,	 /* see kernel_death() */
};

/* Allocate the hook stack and set GS. Once per process; 0 or -errno. */
int kernel_call_init(void);

/* Call fn(a, b, c) as task 0, on its kernel stack. The result is in *value. */
enum kernel_how kernel_call(uint64_t fn, uint64_t a, uint64_t b, uint64_t c, uint64_t *value);

/* After KERNEL_YIELDED: answer the agent with `value`. `*result` is what it reports the next time,
 * or what the function returned.
 */
enum kernel_how kernel_continue(uint64_t value, int64_t *result);
/* The agent's kernel context, to be set again after a restore. */
uint64_t kernel_agent_frame(void);
void kernel_set_agent_frame(uint64_t frame);

/* For a function that neither blocks nor allocates: call it right here, on the current stack. */
static inline uint64_t kernel_function(uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
	return ((uint64_t(*)(uint64_t, uint64_t, uint64_t))fn)(a, b, c);
}

/* Limit of CPU time of the next calls, in ms; 0: none. */
void kernel_set_timeout(unsigned ms);

/* Why it died; valid after KERNEL_DIED. */
const struct death *kernel_death(void);

/* From a host function called by kernel code: end this call, as KERNEL_DIED. Does not return. */
void kernel_die(enum death_kind kind, const char *what) __attribute__((noreturn));
/* The agent's yield. Does not return here; the kernel goes on by kernel_continue(). */
void kernel_yield(int64_t result) __attribute__((noreturn));

/* Inside a host function called by kernel code: walk the caller's stack, innermost first. */
unsigned kernel_hook_stack(uint64_t *pcs, unsigned max, unsigned *crossed);
/* Where the caller's stack begins there: its saved frame pointer, the return address, and which way it came. 0: no kernel code
 * has called. */
uint64_t kernel_hook_sp(void);

/* In a signal handler: fill in the death, and make the handler return into kernel_leave. `context`
 * is the ucontext_t.
 */
void kernel_die_in_signal(void *context, const struct death *death);

/* In a host function called by kernel code, for checkpoints. */
void kernel_stacks(struct target_stacks *out);

/* True while kernel code (or a host function on its behalf) runs. */
bool kernel_running(void);

#endif
