// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns from inside an RCU read-side critical section.
 * Finding: lock-imbalance (RCU), refusal 1.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

static void *ring;

static int __init lock_rcu_init(void)
{
	rcu_read_lock();
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		return -ENOMEM;
	rcu_read_unlock();
	return ring ? 0 : -ENOMEM;
}

static void __exit lock_rcu_exit(void)
{
	kfree(ring);
}

module_init(lock_rcu_init);
module_exit(lock_rcu_exit);
MODULE_LICENSE("GPL");
