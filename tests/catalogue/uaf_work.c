// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a work frees the object that it is in, which then is written.
 * After: kasan_test workqueue_uaf.
 * Seen: use after free.
 */
#include <linux/workqueue.h>
#include "catalogue.h"

struct job {
	struct work_struct work;
	long result;
};

static void do_job(struct work_struct *work)
{
	if (!fixed)
		kfree(container_of(work, struct job, work)); /* @freed */
}

static int __init start(void)
{
	struct workqueue_struct *queue = alloc_workqueue("catalogue", 0, 0);
	struct job *job;

	if (!queue)
		return -ENOMEM;
	job = kzalloc(sizeof(*job), GFP_KERNEL); /* @made */
	if (job) {
		INIT_WORK(&job->work, do_job);
		queue_work(queue, &job->work);
		flush_workqueue(queue);
		WRITE_ONCE(job->result, 1); /* @bug */
		if (fixed)
			kfree(job);
	}
	destroy_workqueue(queue);
	return job ? 0 : -ENOMEM;
}

only_init(start);
