// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: GFP_KERNEL with interrupts off.
 * Seen: sleep in atomic.
 */
#include <linux/irqflags.h>
#include "catalogue.h"

static int __init start(void)
{
	unsigned long flags;
	void *table;

	local_irq_save(flags);
	table = kmalloc(64, fixed ? GFP_ATOMIC : GFP_KERNEL); /* @bug */
	local_irq_restore(flags);
	kfree(table);
	return table ? 0 : -ENOMEM;
}

only_init(start);
