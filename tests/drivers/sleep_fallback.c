// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when the atomic allocation under a spinlock fails, a sleeping one is tried without
 * dropping the lock.
 * Finding: sleep-in-atomic, refusal 1, in make_ring().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static noinline void *make_ring(void)
{
	void *new;

	spin_lock(&lock);
	new = kmalloc(512, GFP_ATOMIC);
	if (!new &&BUGGY)
		new = kmalloc(256, GFP_KERNEL);
	spin_unlock(&lock);
	return new;
}

static int __init sleep_fallback_init(void)
{
	ring = make_ring();
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_fallback_exit(void)
{
	kfree(ring);
}

module_init(sleep_fallback_init);
module_exit(sleep_fallback_exit);
MODULE_LICENSE("GPL");
