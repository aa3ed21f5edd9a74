// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: call_rcu() of an object that waits for its grace period already.
 * Seen: the object is freed twice; CONFIG_DEBUG_OBJECTS_RCU_HEAD warns at the second call.
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
	rcu_read_lock();
	call_rcu(&entry->rcu, reclaim);
	if (!fixed)
		call_rcu(&hide(entry)->rcu, reclaim); /* @bug */
	rcu_read_unlock();
	rcu_barrier();
	return 0;
}

only_init(start);
