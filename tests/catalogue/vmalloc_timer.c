// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: vmalloc() in a timer.
 * Seen: BUG: it may not be called in an interrupt.
 */
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include "catalogue.h"

static void tick(struct timer_list *timer)
{
	if (fixed)
		kfree(kmalloc(5000, GFP_ATOMIC));
	else
		vfree(vmalloc(5000)); /* @bug */
}

static DEFINE_TIMER(timer, tick);

static int __init start(void)
{
	mod_timer(&timer, jiffies + 1);
	schedule_timeout_uninterruptible(5);
	del_timer_sync(&timer);
	return 0;
}

only_init(start);
