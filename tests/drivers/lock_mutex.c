// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns with a mutex held.
 * Finding: lock-imbalance, refusal 1, taken in lock_board().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static DEFINE_MUTEX(lock);
static void *ring;

static noinline void lock_board(void)
{
	mutex_lock(&lock);
}

static int __init lock_mutex_init(void)
{
	lock_board();
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring && BUGGY)
		return -ENOMEM;
	mutex_unlock(&lock);
	return ring ? 0 : -ENOMEM;
}

static void __exit lock_mutex_exit(void)
{
	kfree(ring);
}

module_init(lock_mutex_init);
module_exit(lock_mutex_exit);
MODULE_LICENSE("GPL");
