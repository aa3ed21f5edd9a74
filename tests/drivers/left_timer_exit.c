// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit leaves a timer armed; no failure is needed.
 * Finding: resource-leak (timer), without a refusal.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

static void tick(struct timer_list *unused);
static DEFINE_TIMER(timer, tick);

static void tick(struct timer_list *unused)
{
	mod_timer(&timer, jiffies + HZ);
}

static int __init left_timer_exit_init(void)
{
	mod_timer(&timer, jiffies + HZ);
	return 0;
}

static void __exit left_timer_exit_exit(void)
{
	if (!BUGGY)
		del_timer_sync(&timer);
}

module_init(left_timer_exit_init);
module_exit(left_timer_exit_exit);
MODULE_LICENSE("GPL");
