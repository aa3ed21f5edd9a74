// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves delayed work queued; it would run in a module that is gone.
 * Finding: resource-leak (work), refusal 1.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static void run(struct work_struct *unused);
static DECLARE_DELAYED_WORK(work, run);
static void *ring;

static void run(struct work_struct *unused)
{
	schedule_delayed_work(&work, 60 * HZ);
}

static int __init left_work_init(void)
{
	schedule_delayed_work(&work, 60 * HZ);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		cancel_delayed_work_sync(&work);
	return -ENOMEM;
}

static void __exit left_work_exit(void)
{
	cancel_delayed_work_sync(&work);
	kfree(ring);
}

module_init(left_work_init);
module_exit(left_work_exit);
MODULE_LICENSE("GPL");
