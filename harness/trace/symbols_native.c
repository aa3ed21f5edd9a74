// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for the process's own code. Not there yet: nothing is known of it.
 */
#include "symbols_internal.h"

void symbols_add_self(void)
{
}

void symbols_set_native_module(const char *name, const char *path)
{
}

unsigned native_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max)
{
	return 0;
}
