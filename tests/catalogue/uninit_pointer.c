// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a pointer in a kmalloc object is followed that was never set.
 * Seen: use of uninitialised memory; told by the poison that the pointer is made of.
 */
#include "catalogue.h"

struct port {
	long number[3];
	struct port *parent;
};

static int __init start(void)
{
	struct port *port = kmalloc(sizeof(*port), GFP_KERNEL); /* @made */

	if (!port)
		return -ENOMEM;
	if (fixed)
		port->parent = NULL;
	if (READ_ONCE(port->parent))			/* @use */
		WRITE_ONCE(port->parent->number[0], 1); /* @bug */
	kfree(port);
	return 0;
}

only_init(start);
