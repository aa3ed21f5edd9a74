// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a lock that a timer takes is taken elsewhere with softirqs enabled: the timer may come while it is held.
 * Finding: lock-order (inconsistent lock state), without a refusal, in tick().
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(lock);
static int ticks, reads;

static void tick(struct timer_list *unused)
{
	spin_lock(&lock);
	ticks++;
	spin_unlock(&lock);
}

static DEFINE_TIMER(timer, tick);

static noinline void read_ticks(void)
{
	if (BUGGY)
		spin_lock(&lock);
	else
		spin_lock_bh(&lock);
	reads += ticks;
	if (BUGGY)
		spin_unlock(&lock);
	else
		spin_unlock_bh(&lock);
}

static int __init order_timer_init(void)
{
	read_ticks();
	mod_timer(&timer, jiffies + 1);
	msleep(20);
	return 0;
}

static void __exit order_timer_exit(void)
{
	del_timer_sync(&timer);
}

module_init(order_timer_init);
module_exit(order_timer_exit);
MODULE_LICENSE("GPL");
