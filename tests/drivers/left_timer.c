// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a timer armed; it would fire into a module that is gone.
 * Finding: resource-leak (timer), refusal 1.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>

static void tick(struct timer_list *unused);
static DEFINE_TIMER(timer, tick);
static void *ring;

static void tick(struct timer_list *unused)
{
	mod_timer(&timer, jiffies + HZ);
}

static int __init left_timer_init(void)
{
	mod_timer(&timer, jiffies + HZ);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		del_timer_sync(&timer);
	return -ENOMEM;
}

static void __exit left_timer_exit(void)
{
	del_timer_sync(&timer);
	kfree(ring);
}

module_init(left_timer_init);
module_exit(left_timer_exit);
MODULE_LICENSE("GPL");
