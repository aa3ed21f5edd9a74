// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees an object whose timer is armed.
 * Finding: use-after-free (timer_list active), refusal 2, in drop_slot().
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>

struct slot {
	int id;
	struct timer_list timer;
};

static struct slot *slot;
static void *ring;

static void expire(struct timer_list *timer)
{
	struct slot *s = container_of(timer, struct slot, timer);

	s->id = -1;
}

static noinline void drop_slot(struct slot *s)
{
	if (!BUGGY)
		del_timer_sync(&s->timer);
	kfree(s);
}

static int __init active_timer_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	timer_setup(&slot->timer, expire, 0);
	mod_timer(&slot->timer, jiffies + 3600 * HZ);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_slot(slot);
	return -ENOMEM;
}

static void __exit active_timer_exit(void)
{
	del_timer_sync(&slot->timer);
	kfree(ring);
	kfree(slot);
}

module_init(active_timer_init);
module_exit(active_timer_exit);
MODULE_LICENSE("GPL");
