// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a field of a kmalloc object decides that was never set.
 * Seen: use of uninitialised memory, by valgrind only.
 */
#include "catalogue.h"

struct port {
	long number;
	int flags;
};

static int polls;

static int __init start(void)
{
	struct port *port = kmalloc(sizeof(*port), GFP_KERNEL); /* @made */

	if (!port)
		return -ENOMEM;
	if (fixed)
		port->flags = 0;
	if (READ_ONCE(port->flags) & 1) /* @bug */
		polls++;
	kfree(port);
	return 0;
}

only_init(start);
