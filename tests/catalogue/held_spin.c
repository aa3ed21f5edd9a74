// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an error path returns with a spin lock held.
 * Seen: lock imbalance.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static noinline int change(int value)
{
	spin_lock(&lock); /* @bug */
	if (value < 0 && !fixed)
		return -EINVAL;
	spin_unlock(&lock);
	return 0;
}

static int __init start(void)
{
	change(hide(-1));
	return 0;
}

only_init(start);
