// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: spin_unlock_irq() of an inner lock enables interrupts while the outer one still needs them
 *	off.
 * Seen: context; lockdep needs an interrupt that takes the lock.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(outer);
static DEFINE_SPINLOCK(inner);

static int __init start(void)
{
	unsigned long flags, more;

	spin_lock_irqsave(&outer, flags);
	if (fixed) {
		spin_lock_irqsave(&inner, more);
		spin_unlock_irqrestore(&inner, more);
	} else {
		spin_lock_irq(&inner);
		spin_unlock_irq(&inner); /* @bug */
	}
	spin_unlock_irqrestore(&outer, flags);
	return 0;
}

only_init(start);
