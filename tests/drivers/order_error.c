// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: only the error path takes the two spinlocks the other way round.
 * Finding: lock-order, refusal 1, in note_failure().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(list_lock);
static DEFINE_SPINLOCK(count_lock);
static int count, failures;
static void *ring;

static noinline void note_failure(void)
{
	spin_lock(&count_lock);
	if (BUGGY)
		spin_lock(&list_lock);
	failures++;
	if (BUGGY)
		spin_unlock(&list_lock);
	spin_unlock(&count_lock);
}

static int __init order_error_init(void)
{
	spin_lock(&list_lock);
	spin_lock(&count_lock);
	count++;
	spin_unlock(&count_lock);
	spin_unlock(&list_lock);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	note_failure();
	return -ENOMEM;
}

static void __exit order_error_exit(void)
{
	kfree(ring);
}

module_init(order_error_init);
module_exit(order_error_exit);
MODULE_LICENSE("GPL");
