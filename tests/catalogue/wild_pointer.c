// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a pointer is followed whose upper half was overwritten.
 * After: kasan_test kasan_wild.
 * Seen: wild access.
 */
#include "catalogue.h"

static long value;

static int __init start(void)
{
	unsigned long address = (unsigned long)&value;

	if (!fixed)
		address = (address & 0xffffffff) | 0x1234567800000000;
	WRITE_ONCE(*(long *)hide(address), 1); /* @bug */
	return 0;
}

only_init(start);
