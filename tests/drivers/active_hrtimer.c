// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees an object whose high-resolution timer is started.
 * Finding: use-after-free (hrtimer active), refusal 2, in drop_clock().
 */
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/slab.h>

struct clock {
	int ticks;
	struct hrtimer timer;
};

static struct clock *clock;
static void *ring;

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	container_of(timer, struct clock, timer)->ticks++;
	return HRTIMER_NORESTART;
}

static noinline void drop_clock(struct clock *c)
{
	if (!BUGGY)
		hrtimer_cancel(&c->timer);
	kfree(c);
}

static int __init active_hrtimer_init(void)
{
	clock = kzalloc(sizeof(*clock), GFP_KERNEL);
	if (!clock)
		return -ENOMEM;
	hrtimer_init(&clock->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	clock->timer.function = tick;
	hrtimer_start(&clock->timer, ktime_set(3600, 0), HRTIMER_MODE_REL);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_clock(clock);
	return -ENOMEM;
}

static void __exit active_hrtimer_exit(void)
{
	hrtimer_cancel(&clock->timer);
	kfree(ring);
	kfree(clock);
}

module_init(active_hrtimer_init);
module_exit(active_hrtimer_exit);
MODULE_LICENSE("GPL");
