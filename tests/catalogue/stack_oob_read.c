// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one element behind an array on the stack is read.
 * After: kasan_test kasan_stack_oob.
 * Seen: out of bounds, by instrumented code only.
 */
#include "catalogue.h"

static noinline int sum(unsigned int count)
{
	int values[10] = {1, 2, 3}, total = 0;
	unsigned int i;

	OPTIMIZER_HIDE_VAR(count);
	for (i = 0; i < count; i++)
		total += READ_ONCE(values[i]); /* @bug */
	return total;
}

static int __init start(void)
{
	keep(sum(fixed ? 10 : 11));
	return 0;
}

only_init(start);
