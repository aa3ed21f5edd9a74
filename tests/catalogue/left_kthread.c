// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit leaves a kernel thread running the module's code.
 * Seen: resource leak, or a jump into memory that is gone.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include "catalogue.h"

static struct task_struct *task;

static int loop(void *unused)
{
	while (!kthread_should_stop())
		msleep_interruptible(100);
	return 0;
}

static int __init start(void)
{
	task = kthread_run(loop, NULL, "catalogue"); /* @made */
	return PTR_ERR_OR_ZERO(task);
}

static void __exit stop(void)
{
	if (fixed)
		kthread_stop(task);
}

module_init(start);
module_exit(stop);
