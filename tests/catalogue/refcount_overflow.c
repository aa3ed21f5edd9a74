// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: references are taken and never dropped, until the counter is full.
 * After: LKDTM REFCOUNT_INC_OVERFLOW.
 * Seen: a warning of the kernel.
 */
#include <linux/refcount.h>
#include "catalogue.h"

static refcount_t users = REFCOUNT_INIT(1);

static int __init start(void)
{
	refcount_set(&users, fixed ? 1 : INT_MAX);
	refcount_inc(&users); /* @bug */
	return 0;
}

only_init(start);
