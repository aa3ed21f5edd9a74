// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit leaves a timer pending whose function goes with the module.
 * Seen: resource leak, or a jump into memory that is gone.
 */
#include <linux/timer.h>
#include "catalogue.h"

static void tick(struct timer_list *timer)
{
}

static DEFINE_TIMER(timer, tick);

static int __init start(void)
{
	mod_timer(&timer, jiffies + 2 * HZ);
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		del_timer_sync(&timer);
}

module_init(start);
module_exit(stop);
