// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is taken between setting the task's state and schedule(): the state is lost if the mutex has to be waited
 * for.
 * Finding: context (!TASK_RUNNING), without a refusal, in wait_ready().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>

static DEFINE_MUTEX(lock);
static int ready;

static noinline void wait_ready(void)
{
	if (BUGGY)
		set_current_state(TASK_INTERRUPTIBLE);
	mutex_lock(&lock);
	ready++;
	mutex_unlock(&lock);
	set_current_state(TASK_INTERRUPTIBLE);
	schedule_timeout(1);
}

static int __init sleep_state_init(void)
{
	wait_ready();
	return 0;
}

static void __exit sleep_state_exit(void)
{
}

module_init(sleep_state_init);
module_exit(sleep_state_exit);
MODULE_LICENSE("GPL");
