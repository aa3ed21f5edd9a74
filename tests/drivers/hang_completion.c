// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: init waits for a work item which is not queued when its memory was refused.
 * Finding: hang (all tasks are blocked), refusal 1, in wait_started().
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct job {
	struct work_struct work;
	int id;
};

static DECLARE_COMPLETION(started);
static struct job *job;

static void run(struct work_struct *work)
{
	complete(&started);
}

static noinline void wait_started(void)
{
	wait_for_completion(&started);
}

static int __init hang_completion_init(void)
{
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (job) {
		INIT_WORK(&job->work, run);
		schedule_work(&job->work);
	} else if (!BUGGY) {
		return -ENOMEM;
	}
	wait_started();
	return 0;
}

static void __exit hang_completion_exit(void)
{
	flush_work(&job->work);
	kfree(job);
}

module_init(hang_completion_init);
module_exit(hang_completion_exit);
MODULE_LICENSE("GPL");
