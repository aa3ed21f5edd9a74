// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a workqueue.
 * Seen: leak.
 */
#include <linux/workqueue.h>
#include "catalogue.h"

static struct workqueue_struct *queue;

static int __init start(void)
{
	queue = alloc_workqueue("catalogue", WQ_UNBOUND, 0); /* @made */
	return queue ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		destroy_workqueue(queue);
}

module_init(start);
module_exit(stop);
