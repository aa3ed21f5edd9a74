// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a spin lock that a timer takes is taken in process context with the timer's interrupt
 *	enabled.
 * Seen: lock order; lockdep's inconsistent lock state.
 */
#include <linux/spinlock.h>
#include <linux/timer.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);
static int count;

static void tick(struct timer_list *timer)
{
	spin_lock(&lock);
	count++;
	spin_unlock(&lock);
}

static DEFINE_TIMER(timer, tick);

static int __init start(void)
{
	mod_timer(&timer, jiffies + 1);
	schedule_timeout_uninterruptible(5);
	del_timer_sync(&timer);
	if (fixed)
		spin_lock_bh(&lock);
	else
		spin_lock(&lock); /* @bug */
	count++;
	if (fixed)
		spin_unlock_bh(&lock);
	else
		spin_unlock(&lock);
	return 0;
}

only_init(start);
