// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is freed while the lock inside of it is held.
 * Seen: a held lock in freed memory; lockdep's held lock freed.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

struct port {
	long number;
	spinlock_t lock;
};

static int __init start(void)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL); /* @made */

	if (!port)
		return -ENOMEM;
	spin_lock_init(&port->lock);
	spin_lock(&port->lock); /* @lock */
	if (fixed)
		spin_unlock(&port->lock);
	kfree(port); /* @bug */
	if (!fixed)
		preempt_enable();
	return 0;
}

only_init(start);
