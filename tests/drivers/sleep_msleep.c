// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path waits a while under a spinlock before it gives up.
 * Finding: sleep-in-atomic, refusal 1, in back_off().
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static noinline void back_off(void)
{
	msleep(20);
}

static int __init sleep_msleep_init(void)
{
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		back_off();
	spin_unlock(&lock);
	if (!ring && !BUGGY)
		back_off();
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_msleep_exit(void)
{
	kfree(ring);
}

module_init(sleep_msleep_init);
module_exit(sleep_msleep_exit);
MODULE_LICENSE("GPL");
