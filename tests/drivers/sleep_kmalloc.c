// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmalloc(GFP_KERNEL) under a spinlock; no failure is needed.
 * Finding: sleep-in-atomic, without a refusal, in make_ring().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *ring;

static noinline void *make_ring(gfp_t gfp)
{
	return kmalloc(512, gfp);
}

static int __init sleep_kmalloc_init(void)
{
	spin_lock(&lock);
	ring = make_ring(BUGGY ? GFP_KERNEL : GFP_ATOMIC);
	spin_unlock(&lock);
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_kmalloc_exit(void)
{
	kfree(ring);
}

module_init(sleep_kmalloc_init);
module_exit(sleep_kmalloc_exit);
MODULE_LICENSE("GPL");
