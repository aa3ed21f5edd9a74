// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path drops the spinlock but leaves interrupts disabled.
 * Finding: lock-imbalance, refusal 1.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static int __init lock_irqs_init(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY) {
		spin_unlock(&lock);
		return -ENOMEM;
	}
	spin_unlock_irqrestore(&lock, flags);
	return ring ? 0 : -ENOMEM;
}

static void __exit lock_irqs_exit(void)
{
	kfree(ring);
}

module_init(lock_irqs_init);
module_exit(lock_irqs_exit);
MODULE_LICENSE("GPL");
