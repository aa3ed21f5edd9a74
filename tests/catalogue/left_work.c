// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit leaves a delayed work pending whose function goes with the module.
 * Seen: resource leak, or a jump into memory that is gone.
 */
#include <linux/workqueue.h>
#include "catalogue.h"

static void poll(struct work_struct *work)
{
}

static DECLARE_DELAYED_WORK(work, poll);

static int __init start(void)
{
	schedule_delayed_work(&work, 2 * HZ);
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		cancel_delayed_work_sync(&work);
}

module_init(start);
module_exit(stop);
