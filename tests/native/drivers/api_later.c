// SPDX-License-Identifier: GPL-2.0-only
/* Virtual time; works, timers, tasklets, completions, wait queues: in which order and context they
 * run. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "check.h"

static char order[16];
static DECLARE_COMPLETION(done);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool flag;

static void note(char c)
{
	size_t n = strlen(order);

	if (n < sizeof(order) - 1)
		order[n] = c;
}

static void on_work(struct work_struct *work)
{
	CHECK(in_task() && !in_atomic());
	note('w');
	msleep(1); /* others may run now */
	complete(&done);
}

static void on_delayed(struct work_struct *work)
{
	note('d');
	flag = true;
	wake_up(&queue);
}

static void on_timer(struct timer_list *timer)
{
	CHECK(in_serving_softirq() && !in_task());
	note('t');
}

static void on_tasklet(struct tasklet_struct *t)
{
	CHECK(in_serving_softirq());
	note('k');
}

static DECLARE_WORK(work, on_work);
static DECLARE_DELAYED_WORK(delayed, on_delayed);
static DEFINE_TIMER(timer, on_timer);
static DECLARE_TASKLET(tasklet, on_tasklet);

static void clocks(void)
{
	unsigned long before = jiffies, end;
	ktime_t start = ktime_get();

	msleep(100);
	CHECK(time_after(jiffies, before) && jiffies - before >= msecs_to_jiffies(100));
	CHECK(ktime_ms_delta(ktime_get(), start) >= 100);
	udelay(10);
	end = jiffies + 2;
	while (time_before(jiffies, end))
		; /* ends, since each look at the clock advances it */
	CHECK(schedule_timeout_uninterruptible(HZ) == 0);
	CHECK(msecs_to_jiffies(1) == 1 && jiffies_to_msecs(HZ) == 1000);
}

static void works(void)
{
	CHECK(schedule_work(&work) && !schedule_work(&work) && work_pending(&work));
	wait_for_completion(&done);
	CHECK(!strcmp(order, "w"));
	schedule_work(&work);
	CHECK(cancel_work_sync(&work) && !cancel_work_sync(&work));
	schedule_work(&work);
	CHECK(flush_work(&work) && !strcmp(order, "ww"));
	CHECK(wait_for_completion_timeout(&done, HZ) > 0);
	CHECK(wait_for_completion_timeout(&done, HZ) == 0);
}

static void timers(void)
{
	memset(order, 0, sizeof(order));
	schedule_delayed_work(&delayed, 20);
	mod_timer(&timer, jiffies + 10);
	tasklet_schedule(&tasklet);
	CHECK(timer_pending(&timer));
	wait_event(queue, flag);
	CHECK(!strcmp(order, "ktd") && !timer_pending(&timer));
	mod_timer(&timer, jiffies + 10);
	CHECK(del_timer_sync(&timer) && !del_timer_sync(&timer));
	flag = false;
	CHECK(wait_event_timeout(queue, flag, 5) == 0);
	tasklet_kill(&tasklet);
}

static void queues(void)
{
	struct workqueue_struct *wq = alloc_workqueue("check/%d", WQ_UNBOUND, 0, 1);

	CHECK(wq);
	memset(order, 0, sizeof(order));
	reinit_completion(&done);
	queue_work(wq, &work);
	queue_delayed_work(wq, &delayed, 0);
	flush_workqueue(wq);
	CHECK(!strcmp(order, "wd"));
	queue_work(wq, &work);
	destroy_workqueue(wq);
	CHECK(!strcmp(order, "wdw"));
	cancel_delayed_work_sync(&delayed);
	schedule_work(&work); /* runs when the run is settled */
	flush_work(&work);
}

static void all(void)
{
	clocks();
	works();
	timers();
	queues();
}

CHECKED_DRIVER(all);
