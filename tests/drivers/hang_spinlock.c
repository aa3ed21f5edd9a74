// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path takes the spinlock which it holds already.
 * Finding: hang (a spinlock is waited for by its holder), refusal 1, in reset().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;
static int resets;

static noinline void reset(void)
{
	spin_lock(&lock);
	resets++;
	spin_unlock(&lock);
}

static int __init hang_spinlock_init(void)
{
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		reset();
	spin_unlock(&lock);
	if (!ring && !BUGGY)
		reset();
	return ring ? 0 : -ENOMEM;
}

static void __exit hang_spinlock_exit(void)
{
	kfree(ring);
}

module_init(hang_spinlock_init);
module_exit(hang_spinlock_exit);
MODULE_LICENSE("GPL");
