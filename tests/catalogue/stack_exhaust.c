// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a recursion without end.
 * After: LKDTM EXHAUST_STACK.
 * Seen: stack overflow.
 */
#include <linux/string.h>
#include "catalogue.h"

static noinline int descend(int depth)
{
	char local[512];

	memset(hide(&local[0]), depth, sizeof(local));
	if (depth > (fixed ? 2 : 1000))
		return local[3];
	return descend(hide(depth + 1)) + READ_ONCE(local[5]); /* @bug */
}

static int __init start(void)
{
	keep(descend(0));
	return 0;
}

only_init(start);
