// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is written after its call_rcu() callback has freed it.
 * After: kasan_test rcu_uaf.
 * Seen: use after free.
 */
#include <linux/rcupdate.h>
#include "catalogue.h"

struct entry {
	struct rcu_head rcu;
	long number[8];
};

static void reclaim(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct entry, rcu)); /* @freed */
}

static int __init start(void)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL); /* @made */

	if (!entry)
		return -ENOMEM;
	call_rcu(&entry->rcu, reclaim);
	rcu_barrier();
	if (!fixed)
		WRITE_ONCE(hide(entry)->number[4], 1); /* @bug */
	return 0;
}

only_init(start);
