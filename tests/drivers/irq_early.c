// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the interrupt is requested before there is what its handler works on.
 * Finding: null-dereference in count(), with --irq-everywhere.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define IRQ 5

static unsigned int *counters;

static noinline void count(void)
{
	counters[0]++;
}

static irqreturn_t handle(int irq, void *data)
{
	count();
	return IRQ_HANDLED;
}

static int __init irq_early_init(void)
{
	int err;

	if (BUGGY) {
		err = request_irq(IRQ, handle, 0, "kfail_early", &counters);
		if (err)
			return err;
	}
	counters = kcalloc(8, sizeof(*counters), GFP_KERNEL);
	if (!counters) {
		if (BUGGY)
			free_irq(IRQ, &counters);
		return -ENOMEM;
	}
	if (BUGGY)
		return 0;
	err = request_irq(IRQ, handle, 0, "kfail_early", &counters);
	if (err)
		kfree(counters);
	return err;
}

static void __exit irq_early_exit(void)
{
	free_irq(IRQ, &counters);
	kfree(counters);
}

module_init(irq_early_init);
module_exit(irq_early_exit);
MODULE_LICENSE("GPL");
