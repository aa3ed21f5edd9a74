// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an error path forgets a reference: the last kref_put() never comes.
 * Seen: leak.
 */
#include <linux/kref.h>
#include "catalogue.h"

struct port {
	struct kref ref;
	long state[5];
};

static struct port *port;

static void release(struct kref *ref)
{
	kfree(container_of(ref, struct port, ref));
}

static int __init start(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL); /* @made */
	if (!port)
		return -ENOMEM;
	kref_init(&port->ref);
	kref_get(&port->ref); /* @bug */
	if (fixed)
		kref_put(&port->ref, release);
	return 0;
}

static void __exit stop(void)
{
	kref_put(&port->ref, release);
}

module_init(start);
module_exit(stop);
