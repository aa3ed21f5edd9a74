// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a variable on the stack decides that only one of two ways has set.
 * Seen: use of uninitialised memory, by valgrind only.
 */
#include "catalogue.h"

static int polls;

static noinline void set(int *value)
{
	if (fixed)
		*value = 1;
}

static int __init start(void)
{
	int value;

	set(&value);
	if (READ_ONCE(value) & 1) /* @bug */
		polls++;
	return 0;
}

only_init(start);
