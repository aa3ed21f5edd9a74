// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path takes a mutex under a spinlock.
 * Finding: sleep-in-atomic, refusal 1, in note_failure().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(statistics);
static void *ring;
static int failures;

static noinline void note_failure(void)
{
	mutex_lock(&statistics);
	failures++;
	mutex_unlock(&statistics);
}

static int __init sleep_mutex_init(void)
{
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		note_failure();
	spin_unlock(&lock);
	if (!ring && !BUGGY)
		note_failure();
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_mutex_exit(void)
{
	kfree(ring);
}

module_init(sleep_mutex_init);
module_exit(sleep_mutex_exit);
MODULE_LICENSE("GPL");
