// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: as in call_irq; but both functions end in the call that is refused, so that the compiler makes jumps of them and
 * they are no frames of the stack. It is still a call of this driver.
 * Finding: leak of the 512 bytes that make_ring() asked for.
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

static noinline int add_irq(void)
{
	return request_irq(IRQ, handle, 0, "kfail_call", &ring);
}

static int __init call_tail_init(void)
{
	int err;

	ring = make_ring();
	if (!ring)
		return -ENOMEM;
	if (BUGGY)
		return add_irq();
	err = add_irq();
	if (err)
		kfree(ring);
	return err;
}

static void __exit call_tail_exit(void)
{
	free_irq(IRQ, &ring);
	kfree(ring);
}

module_init(call_tail_init);
module_exit(call_tail_exit);
MODULE_LICENSE("GPL");
