// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries and returns of a driver's functions in native mode, for the tree of calls (trace/graph.h): the compiler puts calls of
 * these two into each function when a trace is wanted (-finstrument-functions), inline functions of the headers among them,
 * so that a driver's kzalloc() is seen too. What a function returns is not told.
 *
 * The place of a call on the stack is its frame pointer; a function that was inlined has that of the one around it.
 */
#include "host.h"

#include "../trace/graph.h"

NATIVE_API void __cyg_profile_func_enter(void *function, void *caller);
NATIVE_API void __cyg_profile_func_exit(void *function, void *caller);

static struct fentry_call call(void *function, void *caller, uint64_t frame)
{
	return (struct fentry_call){.function = (uint64_t)function,
				    .caller = (uint64_t)caller,
				    .slot = frame,
				    .returns = true};
}

/* The frame pointer of who called us. */
#define CALLERS_FRAME (*(uint64_t *)__builtin_frame_address(0))

void __cyg_profile_func_enter(void *function, void *caller)
{
	struct fentry_call entered = call(function, caller, CALLERS_FRAME);

	graph_listener.entered(&entered);
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	struct fentry_call returned = call(function, caller, CALLERS_FRAME);

	graph_listener.returned(&returned);
}
