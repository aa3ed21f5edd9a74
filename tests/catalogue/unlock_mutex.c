// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is released that nobody holds.
 * Seen: context or lock imbalance; lockdep's bad unlock balance.
 */
#include <linux/mutex.h>
#include "catalogue.h"

static DEFINE_MUTEX(lock);

static int __init start(void)
{
	if (fixed)
		mutex_lock(&lock);
	mutex_unlock(&lock); /* @bug */
	return 0;
}

only_init(start);
