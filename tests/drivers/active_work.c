// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees an object whose work is queued; a work that frees its own object is fine.
 * Findings: use-after-free (work_struct active), refusal 2, in drop_job(); then, when the queue comes to the work, another
 * one: it calls through poison, or finds its list broken.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct job {
	long done;
	struct work_struct work;
};

static void *ring;

static void finish(struct work_struct *work)
{
	kfree(container_of(work, struct job, work));
}

static noinline void drop_job(struct job *job)
{
	if (BUGGY)
		kfree(job);
}

static int __init active_work_init(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return -ENOMEM;
	INIT_WORK(&job->work, finish);
	schedule_work(&job->work);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_job(job);
	flush_scheduled_work();
	return -ENOMEM;
}

static void __exit active_work_exit(void)
{
	flush_scheduled_work();
	kfree(ring);
}

module_init(active_work_init);
module_exit(active_work_exit);
MODULE_LICENSE("GPL");
