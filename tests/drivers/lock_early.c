// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: spin_unlock_irq() of an inner lock enables interrupts while the outer one, which was taken with them disabled, is
 * held.
 * Finding: context, without a refusal, in count_slot().
 */
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(board_lock);
static DEFINE_SPINLOCK(slot_lock);
static int slots;

static noinline void count_slot(void)
{
	if (BUGGY)
		spin_lock_irq(&slot_lock);
	else
		spin_lock(&slot_lock);
	slots++;
	if (BUGGY)
		spin_unlock_irq(&slot_lock);
	else
		spin_unlock(&slot_lock);
}

static int __init lock_early_init(void)
{
	unsigned long flags;

	spin_lock_irqsave(&board_lock, flags);
	count_slot();
	spin_unlock_irqrestore(&board_lock, flags);
	return 0;
}

static void __exit lock_early_exit(void)
{
}

module_init(lock_early_init);
module_exit(lock_early_exit);
MODULE_LICENSE("GPL");
