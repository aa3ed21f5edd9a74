// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: set_rate() takes the lock that the timer takes too, and leaves softirqs on.
 * Finding: hang in tick(), with --irq-everywhere.
 */
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(lock);
static unsigned int rate;

static void tick(struct timer_list *timer)
{
	spin_lock(&lock);
	mod_timer(timer, jiffies + HZ / (rate + 1));
	spin_unlock(&lock);
}

static DEFINE_TIMER(timer, tick);

static noinline unsigned int scaled(unsigned int value)
{
	return value * 10;
}

static noinline void set_rate(unsigned int value)
{
	if (BUGGY)
		spin_lock(&lock);
	else
		spin_lock_bh(&lock);
	rate = scaled(value);
	if (BUGGY)
		spin_unlock(&lock);
	else
		spin_unlock_bh(&lock);
}

static int __init irq_timer_init(void)
{
	mod_timer(&timer, jiffies + 10 * HZ);
	set_rate(1);
	return 0;
}

static void __exit irq_timer_exit(void)
{
	del_timer_sync(&timer);
}

module_init(irq_timer_init);
module_exit(irq_timer_exit);
MODULE_LICENSE("GPL");
