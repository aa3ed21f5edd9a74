// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path calls a function that takes the mutex which is held already.
 * Finding: hang (all tasks are blocked), refusal 1, in reset().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static DEFINE_MUTEX(lock);
static void *ring;
static int resets;

static noinline void reset(void)
{
	mutex_lock(&lock);
	resets++;
	mutex_unlock(&lock);
}

static int __init hang_mutex_init(void)
{
	mutex_lock(&lock);
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring && BUGGY)
		reset();
	mutex_unlock(&lock);
	if (!ring && !BUGGY)
		reset();
	return ring ? 0 : -ENOMEM;
}

static void __exit hang_mutex_exit(void)
{
	kfree(ring);
}

module_init(hang_mutex_init);
module_exit(hang_mutex_exit);
MODULE_LICENSE("GPL");
