// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a pointer inside of an object was never set: the object was zeroed.
 * Seen: NULL dereference.
 */
#include "catalogue.h"

struct port {
	struct port *parent;
	long number;
};

static int __init start(void)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL); /* @made */
	long number;

	if (!port)
		return -ENOMEM;
	if (fixed)
		port->parent = port;
	number = READ_ONCE(hide(port)->parent->number); /* @bug */
	kfree(port);
	return hide(number) ? -EINVAL : 0;
}

only_init(start);
