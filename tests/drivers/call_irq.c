// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when the interrupt is busy, the ring is forgotten.
 * Finding: leak of the 512 bytes of make_ring(), after request_irq() returned -EBUSY.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define IRQ 5

static void *ring;

static irqreturn_t handle(int irq, void *data)
{
	return IRQ_NONE;
}

static noinline void *make_ring(void)
{
	return kmalloc(512, GFP_KERNEL);
}

static int __init call_irq_init(void)
{
	int err;

	ring = make_ring();
	if (!ring)
		return -ENOMEM;
	err = request_irq(IRQ, handle, 0, "kfail_call", &ring);
	if (err && !BUGGY)
		kfree(ring);
	return err;
}

static void __exit call_irq_exit(void)
{
	free_irq(IRQ, &ring);
	kfree(ring);
}

module_init(call_irq_init);
module_exit(call_irq_exit);
MODULE_LICENSE("GPL");
