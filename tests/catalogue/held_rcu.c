// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a way out of a function forgets rcu_read_unlock().
 * Seen: lock imbalance.
 */
#include <linux/rcupdate.h>
#include "catalogue.h"

static int __init start(void)
{
	rcu_read_lock(); /* @bug */
	if (fixed)
		rcu_read_unlock();
	return 0;
}

only_init(start);
