// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns with a spinlock held.
 * Finding: lock-imbalance, refusal 1.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static int __init lock_spin_init(void)
{
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		return -ENOMEM;
	spin_unlock(&lock);
	return ring ? 0 : -ENOMEM;
}

static void __exit lock_spin_exit(void)
{
	kfree(ring);
}

module_init(lock_spin_init);
module_exit(lock_spin_exit);
MODULE_LICENSE("GPL");
