// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a timer takes a mutex.
 * Seen: sleep in atomic.
 */
#include <linux/mutex.h>
#include <linux/timer.h>
#include "catalogue.h"

static DEFINE_MUTEX(lock);

static void tick(struct timer_list *timer)
{
	if (fixed)
		return;
	mutex_lock(&lock); /* @bug */
	mutex_unlock(&lock);
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
