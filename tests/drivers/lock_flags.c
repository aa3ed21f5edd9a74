// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one variable keeps the interrupt flags of two locks, so the outer one's are lost.
 * Finding: context (wrong flags), without a refusal, in move_slots(); interrupts stay disabled (lock-imbalance).
 */
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(from_lock);
static DEFINE_SPINLOCK(to_lock);
static int from = 1, to;

static noinline void move_slots(void)
{
	unsigned long flags, inner;

	spin_lock_irqsave(&from_lock, flags);
	if (BUGGY) {
		spin_lock_irqsave(&to_lock, flags);
		to += from;
		spin_unlock_irqrestore(&to_lock, flags);
	} else {
		spin_lock_irqsave(&to_lock, inner);
		to += from;
		spin_unlock_irqrestore(&to_lock, inner);
	}
	spin_unlock_irqrestore(&from_lock, flags);
}

/* Hand over hand: each lock is released with the other's flags, and all is well. */
static noinline void walk_slots(void)
{
	unsigned long flags, next;

	spin_lock_irqsave(&from_lock, flags);
	spin_lock_irqsave(&to_lock, next);
	spin_unlock_irqrestore(&from_lock, next);
	to++;
	spin_unlock_irqrestore(&to_lock, flags);
}

static int __init lock_flags_init(void)
{
	walk_slots();
	move_slots();
	return 0;
}

static void __exit lock_flags_exit(void)
{
}

module_init(lock_flags_init);
module_exit(lock_flags_exit);
MODULE_LICENSE("GPL");
