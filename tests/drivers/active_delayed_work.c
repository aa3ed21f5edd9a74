// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path cancels nothing before it frees an object with a delayed work.
 * Finding: use-after-free (delayed_work active), refusal 2, in drop_port().
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct port {
	int polls;
	struct delayed_work poll;
};

static struct port *port;
static void *ring;

static void poll_port(struct work_struct *work)
{
	container_of(work, struct port, poll.work)->polls++;
}

static noinline void drop_port(struct port *p)
{
	if (!BUGGY)
		cancel_delayed_work_sync(&p->poll);
	kfree(p);
}

static int __init active_delayed_work_init(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	INIT_DELAYED_WORK(&port->poll, poll_port);
	schedule_delayed_work(&port->poll, 3600 * HZ);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_port(port);
	return -ENOMEM;
}

static void __exit active_delayed_work_exit(void)
{
	cancel_delayed_work_sync(&port->poll);
	kfree(ring);
	kfree(port);
}

module_init(active_delayed_work_init);
module_exit(active_delayed_work_exit);
MODULE_LICENSE("GPL");
