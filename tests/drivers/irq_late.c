// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: what the interrupt handler works on is freed while the interrupt can still come.
 * Finding: use-after-free in count(), with --irq-everywhere: it writes into the freed ring.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define IRQ 5

static unsigned int *ring;

static noinline void count(void)
{
	if (ring)
		ring[3]++;
}

static irqreturn_t handle(int irq, void *data)
{
	count();
	return IRQ_HANDLED;
}

static int __init irq_late_init(void)
{
	int err;

	ring = kcalloc(64, sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	err = request_irq(IRQ, handle, 0, "kfail_late", &ring);
	if (err)
		kfree(ring);
	return err;
}

static noinline void drop_ring(void)
{
	kfree(ring);
	ring = NULL;
}

static void __exit irq_late_exit(void)
{
	if (BUGGY)
		drop_ring();
	free_irq(IRQ, &ring);
	if (!BUGGY)
		drop_ring();
}

module_init(irq_late_init);
module_exit(irq_late_exit);
MODULE_LICENSE("GPL");
