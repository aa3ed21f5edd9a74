// SPDX-License-Identifier: GPL-2.0-only
/*
 * From program counters to the stack of a report: every address is named by trace/symbols.h, and
 * the names are copied, because a stack of a report is sent to other processes and outlives the
 * symbols.
 */
#include "finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "../trace/util.h"

/* One address rarely stands for more: that many functions inlined into each other. */
#define INLINE_MAX 16

static void append(struct stack *stack, const struct frame *frame)
{
	struct stack_frame *to;

	if (stack->count == STACK_MAX)
		return;
	to = &stack->frames[stack->count++];
	*to = (struct stack_frame){
		.function = frame->function[0] ? xstrdup(frame->function)
					       : xasprintf("0x%" PRIx64, frame->pc),
		.offset = frame->offset,
		.size = frame->size,
		.file = xstrdup_or_null(frame->file),
		.line = frame->line,
		.module = xstrdup_or_null(frame->module),
		.inlined = frame->inlined,
	};
}

void stack_name(struct stack *stack, const uint64_t *pcs, unsigned count, bool exact)
{
	memset(stack, 0, sizeof(*stack));
	for (unsigned i = 0; i < count && stack->count < STACK_MAX; i++) {
		struct frame frames[INLINE_MAX];
		unsigned n = symbols_resolve(pcs[i], exact && i == 0, frames, INLINE_MAX);

		for (unsigned j = 0; j < n; j++)
			append(stack, &frames[j]);
	}
}

void stack_name_handle(struct stack *stack, uint32_t handle)
{
	const uint64_t *pcs;
	unsigned count = depot_get(handle, &pcs);

	stack_name(stack, pcs, count, false);
}

/* ---- on a stack of its own ---- */

#define OWN_STACK (1u << 20)

static struct {
	ucontext_t hook, own;
	void *memory;
	void (*fn)(void *arg);
	void *arg;
} away;

static void run_away(void)
{
	away.fn(away.arg);
}

void stack_away(void (*fn)(void *arg), void *arg)
{
	if (!away.memory)
		away.memory = malloc(OWN_STACK);
	if (!away.memory || getcontext(&away.own))
		return;
	away.fn = fn;
	away.arg = arg;
	away.own.uc_stack = (stack_t){.ss_sp = away.memory, .ss_size = OWN_STACK};
	away.own.uc_link = &away.hook;
	makecontext(&away.own, run_away, 0);
	swapcontext(&away.hook, &away.own);
}

struct naming {
	struct stack *stack;
	uint32_t handle;
};

static void name_it(void *arg)
{
	const struct naming *naming = arg;

	stack_name_handle(naming->stack, naming->handle);
}

void stack_name_from_hook(struct stack *stack, uint32_t handle)
{
	struct naming naming = {stack, handle};

	memset(stack, 0, sizeof(*stack));
	stack_away(name_it, &naming);
}

void stack_clear(struct stack *stack)
{
	for (unsigned i = 0; i < stack->count; i++) {
		free(stack->frames[i].function);
		free(stack->frames[i].file);
		free(stack->frames[i].module);
	}
	memset(stack, 0, sizeof(*stack));
}

bool stack_frame_is_driver(const struct stack_frame *frame)
{
	return frame->module && strcmp(frame->module, "kfail") != 0;
}
