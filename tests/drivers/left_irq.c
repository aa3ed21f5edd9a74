// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves an interrupt handler installed.
 * Finding: resource-leak (irq 5), after the refusal of the kmalloc(), requested in add_irq().
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

static noinline int add_irq(void)
{
	return request_irq(IRQ, handle, 0, "kfail_left", &ring);
}

static int __init left_irq_init(void)
{
	int err = add_irq();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		free_irq(IRQ, &ring);
	return -ENOMEM;
}

static void __exit left_irq_exit(void)
{
	free_irq(IRQ, &ring);
	kfree(ring);
}

module_init(left_irq_init);
module_exit(left_irq_exit);
MODULE_LICENSE("GPL");
