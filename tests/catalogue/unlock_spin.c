// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a spin lock is released that nobody holds.
 * Seen: context or lock imbalance; lockdep's bad unlock balance.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	if (fixed)
		spin_lock(&lock);
	spin_unlock(&lock); /* @bug */
	return 0;
}

only_init(start);
