// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: add_sample() takes the lock that the interrupt handler takes too, and leaves interrupts on.
 * Finding: hang in handle(), with --irq-everywhere: the interrupt that comes inside waits for the lock forever.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define IRQ 5

struct sample {
	struct list_head list;
};

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(samples);
static unsigned int interrupts;

static irqreturn_t handle(int irq, void *data)
{
	spin_lock(&lock);
	interrupts++;
	spin_unlock(&lock);
	return IRQ_HANDLED;
}

static noinline int add_sample(void)
{
	struct sample *sample = kzalloc(sizeof(*sample), GFP_KERNEL);
	unsigned long flags = 0;

	if (!sample)
		return -ENOMEM;
	if (BUGGY)
		spin_lock(&lock);
	else
		spin_lock_irqsave(&lock, flags);
	list_add(&sample->list, &samples);
	if (BUGGY)
		spin_unlock(&lock);
	else
		spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static int __init irq_lock_init(void)
{
	int err = request_irq(IRQ, handle, 0, "kfail_lock", &lock);

	if (err)
		return err;
	err = add_sample();
	if (err)
		free_irq(IRQ, &lock);
	return err;
}

static void __exit irq_lock_exit(void)
{
	struct sample *sample, *next;

	free_irq(IRQ, &lock);
	list_for_each_entry_safe(sample, next, &samples, list)
		kfree(sample);
}

module_init(irq_lock_init);
module_exit(irq_lock_exit);
MODULE_LICENSE("GPL");
