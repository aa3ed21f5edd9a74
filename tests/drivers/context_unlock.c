// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path releases a mutex that it has released already.
 * Finding: context, refusal 1, in unlock_board().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static DEFINE_MUTEX(lock);
static void *ring;

static noinline void unlock_board(void)
{
	mutex_unlock(&lock);
}

static int __init context_unlock_init(void)
{
	mutex_lock(&lock);
	ring = kmalloc(512, GFP_KERNEL);
	unlock_board();
	if (ring)
		return 0;
	if (BUGGY)
		unlock_board();
	return -ENOMEM;
}

static void __exit context_unlock_exit(void)
{
	kfree(ring);
}

module_init(context_unlock_init);
module_exit(context_unlock_exit);
MODULE_LICENSE("GPL");
