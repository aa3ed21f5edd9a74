// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is written after the grace period of its kfree_rcu().
 * After: kasan_test rcu_uaf.
 * Seen: use after free.
 */
#include <linux/rcupdate.h>
#include "catalogue.h"

struct entry {
	struct rcu_head rcu;
	long number[8];
};

static int __init start(void)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL); /* @made */

	if (!entry)
		return -ENOMEM;
	rcu_read_lock();
	kfree_rcu(entry, rcu); /* @freed */
	if (fixed)
		WRITE_ONCE(entry->number[4], 1);
	rcu_read_unlock();
	rcu_barrier();
	synchronize_rcu();
	if (!fixed)
		WRITE_ONCE(hide(entry)->number[4], 1); /* @bug */
	return 0;
}

only_init(start);
