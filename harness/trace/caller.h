/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who asks: what one walk of the stack inside a hook tells. A walk is the dearest part of a hook, so it is made
 * once and handed to all who want to know: injection, judges, trace.
 */
#ifndef KFAIL_TRACE_CALLER_H
#define KFAIL_TRACE_CALLER_H

#include <stdbool.h>
#include <stdint.h>

struct caller {
	uint32_t stack; /* depot handle, innermost frame first; 0: nobody's */
	bool on_behalf; /* of the module under test */
};

#endif
