// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is freed while a timer inside of it is pending.
 * Seen: an active timer in freed memory, or what comes of it when it fires.
 */
#include <linux/timer.h>
#include "catalogue.h"

struct port {
	struct timer_list timer;
	int ticks;
};
static struct port *port;

static void tick(struct timer_list *timer)
{
	struct port *p = from_timer(p, timer, timer);

	p->ticks++;
}

static int __init start(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL); /* @made */
	if (!port)
		return -ENOMEM;
	timer_setup(&port->timer, tick, 0);
	mod_timer(&port->timer, jiffies + 2);
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		del_timer_sync(&port->timer);
	kfree(port); /* @bug */
}

module_init(start);
module_exit(stop);
