// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind a static array is read.
 * After: kasan_test kasan_global_oob_right.
 * Seen: out of bounds, by instrumented code only.
 */
#include "catalogue.h"

static char names[10];

static int __init start(void)
{
	size_t end = fixed ? 9 : 13;

	(void)READ_ONCE(names[hide(end)]); /* @bug */
	return 0;
}

only_init(start);
