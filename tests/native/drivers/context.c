// SPDX-License-Identifier: GPL-2.0-only
/* Breaks the rule that the parameter names, and otherwise succeeds. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *how = "";
module_param(how, charp, 0);

#define IS(name) (!strcmp(how, name))

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static DECLARE_COMPLETION(done);
static struct timer_list *timer;

static void on_timer(struct timer_list *unused)
{
}

static void unbalanced_work(struct work_struct *unused)
{
	preempt_disable();
}

static void own_callback(struct rcu_head *head)
{
	kfree(head);
}

static DECLARE_WORK(unbalanced, unbalanced_work);

static void sleeps(void)
{
	spin_lock(&lock);
	if (IS("sleep-kmalloc"))
		kfree(kmalloc(8, GFP_KERNEL));
	if (IS("sleep-mutex") && mutex_trylock(&mutex))
		mutex_unlock(&mutex);
	if (IS("sleep-mutex")) {
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
	}
	if (IS("sleep-msleep"))
		msleep(5);
	if (IS("sleep-vmalloc"))
		vfree(vmalloc(8));
	if (IS("sleep-vfree-null"))
		vfree(NULL);
	if (IS("sleep-copy") && copy_from_user(how, NULL, 0))
		how = "";
	if (IS("fine-atomic"))
		kfree(kmalloc(8, GFP_ATOMIC));
	if (IS("fine-complete"))
		complete(&done);
	spin_unlock(&lock);
}

static void locks(void)
{
	struct rcu_head *head;
	struct mutex raw;

	if (IS("unlock-free"))
		spin_unlock(&lock);
	if (IS("unlock-mutex"))
		mutex_unlock(&mutex);
	if (IS("enable"))
		preempt_enable();
	if (IS("rcu-unlock"))
		rcu_read_unlock();
	if (IS("raw-mutex")) {
		memset(&raw, 0, sizeof(raw));
		mutex_lock(&raw);
		mutex_unlock(&raw);
	}
	if (IS("left-mutex"))
		mutex_lock(&mutex);
	if (IS("left-rwsem"))
		down_read(&rwsem);
	if (IS("left-spin"))
		spin_lock(&lock);
	if (IS("left-irqs"))
		local_irq_disable();
	if (IS("work-leaks-count")) {
		schedule_work(&unbalanced);
		flush_work(&unbalanced);
	}
	if (IS("interrupt-vmalloc")) {
		local_bh_disable();
		vfree(vmalloc(8));
		local_bh_enable();
	}
	if (IS("fine-interrupt-vfree")) { /* put off to a work: usable until then, and no leak */
		void *area = vmalloc(64), *other = vmalloc(64);

		local_bh_disable();
		vfree(area);
		vfree(other);
		vfree(NULL);
		memset((char *)area + sizeof(long), 1, 4);
		local_bh_enable();
	}
	if (IS("interrupt-vfree-twice")) {
		void *area = vmalloc(8);

		local_bh_disable();
		vfree(area);
		vfree(area);
		local_bh_enable();
	}
	if (IS("rcu-left")) {
		head = kmalloc(sizeof(*head), GFP_KERNEL);
		if (head)
			call_rcu(head, own_callback);
	}
}

static void warnings(void)
{
	refcount_t zero = REFCOUNT_INIT(0);

	if (IS("warn"))
		WARN_ON(true);
	if (IS("warn-text"))
		WARN(1, "number %d\n", 7);
	if (IS("refcount"))
		refcount_inc(&zero);
	if (IS("freed-timer")) {
		timer = kmalloc(sizeof(*timer), GFP_KERNEL);
		if (!timer)
			return;
		timer_setup(timer, on_timer, 0);
		mod_timer(timer, jiffies + 5);
		kfree(timer);
	}
}

static int __init context_init(void)
{
	sleeps();
	locks();
	warnings();
	return 0;
}

static void __exit context_exit(void)
{
}

module_init(context_init);
module_exit(context_exit);
MODULE_LICENSE("GPL");
