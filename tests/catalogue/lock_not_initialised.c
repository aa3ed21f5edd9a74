// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is taken that was never initialised.
 * Seen: lockdep's warning of a key that is not registered, or of the magic number; kfail: what
 *	comes of it.
 */
#include <linux/mutex.h>
#include "catalogue.h"

struct port {
	struct mutex lock;
	long number;
};

static int __init start(void)
{
	struct port *port = kmalloc(sizeof(*port), GFP_KERNEL); /* @made */

	if (!port)
		return -ENOMEM;
	if (fixed)
		mutex_init(&port->lock);
	mutex_lock(&port->lock); /* @bug */
	mutex_unlock(&port->lock);
	kfree(port);
	return 0;
}

only_init(start);
