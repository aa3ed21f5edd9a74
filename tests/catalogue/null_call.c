// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a function pointer is called that is NULL.
 * After: LKDTM EXEC_NULL.
 * Seen: NULL dereference.
 */
#include "catalogue.h"

struct operations {
	int (*probe)(void);
};

static int probe(void)
{
	return 0;
}

static struct operations operations;

static int __init start(void)
{
	if (fixed)
		operations.probe = probe;
	return hide(operations.probe)() + 0; /* @bug */
}

only_init(start);
