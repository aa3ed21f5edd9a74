// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: GFP_KERNEL under a spin lock.
 * Seen: sleep in atomic.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	void *table;

	spin_lock(&lock);
	table = kmalloc(64, fixed ? GFP_ATOMIC : GFP_KERNEL); /* @bug */
	spin_unlock(&lock);
	kfree(table);
	return table ? 0 : -ENOMEM;
}

only_init(start);
