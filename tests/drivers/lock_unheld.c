// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path releases a spinlock that it has released already.
 * Finding: context, refusal 1, in unlock_board().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static noinline void unlock_board(void)
{
	spin_unlock(&lock);
}

static int __init lock_unheld_init(void)
{
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	unlock_board();
	if (ring)
		return 0;
	if (BUGGY)
		unlock_board();
	return -ENOMEM;
}

static void __exit lock_unheld_exit(void)
{
	kfree(ring);
}

module_init(lock_unheld_init);
module_exit(lock_unheld_exit);
MODULE_LICENSE("GPL");
