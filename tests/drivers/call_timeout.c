// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when the answer does not come in time, the request is freed, though the work that will write to it is not cancelled.
 * Finding: use-after-free of the request of make_request().
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct request {
	struct completion done;
	unsigned int *answer;
};

static struct request *request;
static unsigned int answers;

static void answer(struct work_struct *work)
{
	++*request->answer;
	complete(&request->done);
}

static DECLARE_DELAYED_WORK(answer_work, answer);

static noinline struct request *make_request(void)
{
	return kmalloc(sizeof(struct request), GFP_KERNEL);
}

static int __init call_timeout_init(void)
{
	int err = 0;

	request = make_request();
	if (!request)
		return -ENOMEM;
	init_completion(&request->done);
	request->answer = &answers;
	schedule_delayed_work(&answer_work, HZ / 10);
	if (!wait_for_completion_timeout(&request->done, HZ))
		err = -ETIMEDOUT;
	if (err && !BUGGY)
		cancel_delayed_work_sync(&answer_work);
	kfree(request);
	return err;
}

static void __exit call_timeout_exit(void)
{
}

module_init(call_timeout_init);
module_exit(call_timeout_exit);
MODULE_LICENSE("GPL");
