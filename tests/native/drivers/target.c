// SPDX-License-Identifier: GPL-2.0-only
/* A good driver with every kind of memory and registration, which tells where things are. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static int leave;
module_param(leave, int, 0);

static int loaded = 1;
static void *object, *area;
static u64 __percpu *counters;
static dev_t numbers;

static void on_timer(struct timer_list *unused)
{
}

static DEFINE_TIMER(timer, on_timer);

static void give_back(void)
{
	if (!leave) {
		del_timer_sync(&timer);
		unregister_chrdev_region(numbers, 1);
	}
	free_percpu(counters);
	vfree(area);
	kfree(object);
}

static int __init target_init(void)
{
	int error;

	object = kmalloc(100, GFP_KERNEL);
	area = vmalloc(5000);
	counters = alloc_percpu(u64);
	if (!object || !area || !counters) {
		leave = 1;
		give_back();
		return -ENOMEM;
	}
	error = alloc_chrdev_region(&numbers, 0, 1, "target");
	if (error) {
		leave = 1;
		give_back();
		return error;
	}
	mod_timer(&timer, jiffies + 100 * HZ);
	pr_info("object %px area %px percpu %px timer %lu random %u loaded %d\n", object, area,
		counters, timer.expires, get_random_u32(), loaded++);
	pr_info("no newline");
	return 0;
}

static void __exit target_exit(void)
{
	give_back();
}

module_init(target_init);
module_exit(target_exit);
MODULE_LICENSE("GPL");
