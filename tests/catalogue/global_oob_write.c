// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a static array is written behind its end, into the variable that lies there.
 * After: kasan_test kasan_global_oob_right; LKDTM ARRAY_BOUNDS.
 * Seen: out of bounds, by instrumented code only.
 */
#include "catalogue.h"

static struct {
	char name[16];
} ports[4];
static long after[4];

static int __init start(void)
{
	size_t end = fixed ? sizeof(ports) - 1 : sizeof(ports) + 4;

	WRITE_ONCE(((char *)hide(&ports[0]))[hide(end)], 1); /* @bug */
	return READ_ONCE(after[3]) < 0 ? -EINVAL : 0;
}

only_init(start);
