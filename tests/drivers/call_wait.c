// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when the wait for the answer is interrupted, the lock stays taken.
 * Finding: lock-imbalance (a mutex), after wait_for_completion_interruptible() returned -ERESTARTSYS.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(port_lock);
static DECLARE_COMPLETION(answered);

static void answer(struct work_struct *work)
{
	complete(&answered);
}

static DECLARE_WORK(answer_work, answer);

static int __init call_wait_init(void)
{
	int err;

	mutex_lock(&port_lock);
	schedule_work(&answer_work);
	err = wait_for_completion_interruptible(&answered);
	if (err)
		cancel_work_sync(&answer_work);
	if (err && BUGGY)
		return err;
	mutex_unlock(&port_lock);
	return err;
}

static void __exit call_wait_exit(void)
{
}

module_init(call_wait_init);
module_exit(call_wait_exit);
MODULE_LICENSE("GPL");
