// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmalloc(GFP_KERNEL) inside an RCU read-side critical section; no failure is needed.
 * Finding: sleep-in-atomic, without a refusal, in make_ring().
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

static void *ring;

static noinline void *make_ring(gfp_t gfp)
{
	return kmalloc(512, gfp);
}

static int __init sleep_rcu_init(void)
{
	rcu_read_lock();
	ring = make_ring(BUGGY ? GFP_KERNEL : GFP_ATOMIC);
	rcu_read_unlock();
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_rcu_exit(void)
{
	kfree(ring);
}

module_init(sleep_rcu_init);
module_exit(sleep_rcu_exit);
MODULE_LICENSE("GPL");
