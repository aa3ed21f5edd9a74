// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the interrupt handler allocates with GFP_KERNEL.
 * Finding: sleep-in-atomic in make_event(), with --irq-everywhere: nothing else makes the interrupt come.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define IRQ 5

static void *event;

static noinline void *make_event(void)
{
	return kmalloc(64, BUGGY ? GFP_KERNEL : GFP_ATOMIC);
}

static irqreturn_t handle(int irq, void *data)
{
	if (!event)
		event = make_event();
	return IRQ_HANDLED;
}

static int __init irq_sleep_init(void)
{
	return request_irq(IRQ, handle, 0, "kfail_sleep", &event);
}

static void __exit irq_sleep_exit(void)
{
	free_irq(IRQ, &event);
	kfree(event);
}

module_init(irq_sleep_init);
module_exit(irq_sleep_exit);
MODULE_LICENSE("GPL");
