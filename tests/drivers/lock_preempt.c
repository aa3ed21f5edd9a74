// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets the put_cpu() of a get_cpu().
 * Finding: lock-imbalance (preempt count), refusal 1.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/smp.h>

static void *ring;
static int home;

static int __init lock_preempt_init(void)
{
	home = get_cpu();
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		return -ENOMEM;
	put_cpu();
	return ring ? 0 : -ENOMEM;
}

static void __exit lock_preempt_exit(void)
{
	kfree(ring);
}

module_init(lock_preempt_init);
module_exit(lock_preempt_exit);
MODULE_LICENSE("GPL");
