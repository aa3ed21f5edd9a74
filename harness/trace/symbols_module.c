// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for modules' code. Not there yet: nothing is known of any module.
 */
#include "symbols_internal.h"

int symbols_add_module(const char *name, const char *path, const struct module_section *sections,
		       unsigned count)
{
	return -1;
}

unsigned module_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max)
{
	return 0;
}
