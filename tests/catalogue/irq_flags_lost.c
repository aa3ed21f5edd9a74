// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: spin_lock_irqsave() is undone by spin_unlock(): interrupts stay off.
 * Seen: lock imbalance.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags); /* @bug */
	if (fixed)
		spin_unlock_irqrestore(&lock, flags);
	else
		spin_unlock(&lock);
	return 0;
}

only_init(start);
