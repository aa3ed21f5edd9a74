// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a text is copied into an array on the stack that is too small for it.
 * After: LKDTM CORRUPT_STACK.
 * Seen: the stack protector's BUG on return, or out of bounds by instrumented code.
 */
#include <linux/string.h>
#include "catalogue.h"

static const char text[200] = "a text";

static noinline char first(size_t size)
{
	char copy[16] = "";

	memcpy(hide(&copy[0]), text, hide(size)); /* @bug */
	return READ_ONCE(copy[0]);
} /* @return */

static int __init start(void)
{
	keep(first(fixed ? 16 : 100));
	return 0;
}

only_init(start);
