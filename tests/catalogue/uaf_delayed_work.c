// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is freed while a delayed work inside of it is pending.
 * Seen: an active timer or work in freed memory, or what comes of it when it runs.
 */
#include <linux/workqueue.h>
#include "catalogue.h"

struct port {
	struct delayed_work work;
	int ticks;
};
static struct port *port;

static void tick(struct work_struct *work)
{
	container_of(work, struct port, work.work)->ticks++;
}

static int __init start(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL); /* @made */
	if (!port)
		return -ENOMEM;
	INIT_DELAYED_WORK(&port->work, tick);
	schedule_delayed_work(&port->work, 2);
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		cancel_delayed_work_sync(&port->work);
	kfree(port); /* @bug */
}

module_init(start);
module_exit(stop);
