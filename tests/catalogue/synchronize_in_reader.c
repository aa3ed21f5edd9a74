// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: synchronize_rcu() inside of a read-side critical section: it waits for itself.
 * Seen: sleep in atomic.
 */
#include <linux/rcupdate.h>
#include "catalogue.h"

static int __init start(void)
{
	if (!fixed)
		rcu_read_lock();
	synchronize_rcu(); /* @bug */
	if (!fixed)
		rcu_read_unlock();
	return 0;
}

only_init(start);
