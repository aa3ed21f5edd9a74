// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path calls vfree() under a spinlock.
 * Finding: context, refusal 2, in drop_area().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

static DEFINE_SPINLOCK(lock);
static void *area, *ring;

static noinline void drop_area(void)
{
	vfree(area);
}

static int __init context_vfree_init(void)
{
	area = vmalloc(20000);
	if (!area)
		return -ENOMEM;
	spin_lock(&lock);
	ring = kmalloc(512, GFP_ATOMIC);
	if (!ring && BUGGY)
		drop_area();
	spin_unlock(&lock);
	if (!ring && !BUGGY)
		drop_area();
	return ring ? 0 : -ENOMEM;
}

static void __exit context_vfree_exit(void)
{
	kfree(ring);
	vfree(area);
}

module_init(context_vfree_init);
module_exit(context_vfree_exit);
MODULE_LICENSE("GPL");
