// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a variable on the stack.
 * Seen: invalid free.
 */
#include "catalogue.h"

static noinline void drop(void *data)
{
	kfree(data); /* @bug */
}

static int __init start(void)
{
	char local[64] = "";

	if (!fixed)
		drop(hide(&local[0]));
	return READ_ONCE(local[0]);
}

only_init(start);
