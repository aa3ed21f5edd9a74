// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a reference is taken of an object that has none any more.
 * After: LKDTM REFCOUNT_INC_ZERO.
 * Seen: a warning of the kernel.
 */
#include <linux/refcount.h>
#include "catalogue.h"

static refcount_t users = REFCOUNT_INIT(0);

static int __init start(void)
{
	if (fixed)
		refcount_set(&users, 1);
	refcount_inc(&users); /* @bug */
	return 0;
}

only_init(start);
