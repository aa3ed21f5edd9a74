// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kmalloc(GFP_KERNEL) with interrupts disabled; no failure is needed.
 * Finding: sleep-in-atomic, without a refusal, in make_ring().
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/slab.h>

static void *ring;

static noinline void *make_ring(gfp_t gfp)
{
	return kmalloc(512, gfp);
}

static int __init sleep_irqs_off_init(void)
{
	unsigned long flags;

	local_irq_save(flags);
	ring = make_ring(BUGGY ? GFP_KERNEL : GFP_ATOMIC);
	local_irq_restore(flags);
	return ring ? 0 : -ENOMEM;
}

static void __exit sleep_irqs_off_exit(void)
{
	kfree(ring);
}

module_init(sleep_irqs_off_init);
module_exit(sleep_irqs_off_exit);
MODULE_LICENSE("GPL");
