// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is taken in a read-side critical section of RCU.
 * Seen: sleep in atomic.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include "catalogue.h"

static DEFINE_MUTEX(lock);

static int __init start(void)
{
	rcu_read_lock();
	if (fixed)
		rcu_read_unlock();
	mutex_lock(&lock); /* @bug */
	mutex_unlock(&lock);
	if (!fixed)
		rcu_read_unlock();
	return 0;
}

only_init(start);
