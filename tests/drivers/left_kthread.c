// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a kernel thread running.
 * Finding: resource-leak (kthread kfail_left), after the refusal of the kmalloc(), started in
 * add_thread().
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

static struct task_struct *thread;
static void *ring;

static int loop(void *unused)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(10 * HZ);
	return 0;
}

static noinline struct task_struct *add_thread(void)
{
	return kthread_run(loop, NULL, "kfail_left");
}

static int __init left_kthread_init(void)
{
	thread = add_thread();
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		kthread_stop(thread);
	return -ENOMEM;
}

static void __exit left_kthread_exit(void)
{
	kthread_stop(thread);
	kfree(ring);
}

module_init(left_kthread_init);
module_exit(left_kthread_exit);
MODULE_LICENSE("GPL");
