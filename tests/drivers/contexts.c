// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that runs a driver's code by itself, each in the context that Documentation/kernel-hacking/hacking.rst says. One
 * that is wrong is a WARN; so is one that has not run. Clean, with and without --irq-everywhere.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#define IRQ	     5
#define IRQ_THREADED 6

enum context { HARDIRQ, SOFTIRQ, TASK, IRQS_OFF };

static unsigned long ran;

static void check(unsigned int bit, enum context wanted)
{
	bool hard = in_hardirq(), soft = in_serving_softirq(), off = irqs_disabled();
	unsigned int depth = preempt_count() & PREEMPT_MASK;

	ran |= 1ul << bit;
	switch (wanted) {
	case HARDIRQ:
		WARN(!hard || !off || in_task(), "%u is not in hardirq context: %x", bit,
		     preempt_count());
		break;
	case SOFTIRQ:
		WARN(hard || !soft || off || in_task(), "%u is not in softirq context: %x", bit,
		     preempt_count());
		break;
	case TASK:
		WARN(!in_task() || off || depth, "%u is not in task context: %x", bit,
		     preempt_count());
		break;
	case IRQS_OFF:
		WARN(!off, "%u runs with interrupts on", bit);
		break;
	}
}

static irqreturn_t handle(int irq, void *data)
{
	check(0, HARDIRQ);
	return irq == IRQ_THREADED ? IRQ_WAKE_THREAD : IRQ_HANDLED;
}

static irqreturn_t handle_in_thread(int irq, void *data)
{
	check(1, TASK);
	WARN_ON(!(current->flags & PF_KTHREAD));
	return IRQ_HANDLED;
}

static void on_timer(struct timer_list *unused)
{
	check(2, SOFTIRQ);
}
static DEFINE_TIMER(timer, on_timer);

static enum hrtimer_restart on_hrtimer(struct hrtimer *unused)
{
	check(3, HARDIRQ);
	return HRTIMER_NORESTART;
}
static struct hrtimer hrtimer;

static enum hrtimer_restart on_soft_hrtimer(struct hrtimer *unused)
{
	check(4, SOFTIRQ);
	return HRTIMER_NORESTART;
}
static struct hrtimer soft_hrtimer;

static void on_tasklet(struct tasklet_struct *unused)
{
	check(5, SOFTIRQ);
}
static DECLARE_TASKLET(tasklet, on_tasklet);

static void on_work(struct work_struct *unused)
{
	check(6, TASK);
	WARN_ON(!(current->flags & PF_WQ_WORKER));
}
static DECLARE_WORK(work, on_work);

static void on_delayed_work(struct work_struct *unused)
{
	check(7, TASK);
}
static DECLARE_DELAYED_WORK(delayed_work, on_delayed_work);

static void on_irq_work(struct irq_work *unused)
{
	check(8, HARDIRQ);
}
static DEFINE_IRQ_WORK(irq_work, on_irq_work);

static void on_irq_work_later(struct irq_work *unused)
{
	check(9, HARDIRQ);
}
static DEFINE_IRQ_WORK(irq_work_later, on_irq_work_later);

static void on_call(void *unused)
{
	check(10, IRQS_OFF);
}

static void on_rcu(struct rcu_head *unused)
{
	check(11, SOFTIRQ);
}
static struct rcu_head rcu;

static int thread(void *unused)
{
	check(12, TASK);
	while (!kthread_should_stop())
		msleep(10);
	return 0;
}

/* All but the two of the interrupt lines, which nothing makes come but --irq-everywhere. */
#define ALL 0x1ffcul

static void start_all(void)
{
	unsigned long flags;

	mod_timer(&timer, jiffies + 2);
	hrtimer_init(&hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer.function = on_hrtimer;
	hrtimer_start(&hrtimer, ms_to_ktime(5), HRTIMER_MODE_REL);
	hrtimer_init(&soft_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	soft_hrtimer.function = on_soft_hrtimer;
	hrtimer_start(&soft_hrtimer, ms_to_ktime(5), HRTIMER_MODE_REL_SOFT);
	tasklet_schedule(&tasklet);
	schedule_work(&work);
	schedule_delayed_work(&delayed_work, 3);
	irq_work_queue(&irq_work);
	WARN_ON(!(ran & 1ul << 8));
	local_irq_save(flags);
	irq_work_queue(&irq_work_later);
	WARN_ON(ran & 1ul << 9);
	WARN_ON(irq_work_queue(&irq_work_later));
	local_irq_restore(flags);
	irq_work_sync(&irq_work_later);
	smp_call_function_single(0, on_call, NULL, 1);
	call_rcu(&rcu, on_rcu);
}

static int __init contexts_init(void)
{
	struct task_struct *task;
	int err;

	err = request_irq(IRQ, handle, 0, "kfail_contexts", &ran);
	if (err)
		return err;
	err = request_threaded_irq(IRQ_THREADED, handle, handle_in_thread, 0, "kfail_thread", &ran);
	if (err)
		goto no_thread;
	task = kthread_run(thread, NULL, "kfail_thread");
	if (IS_ERR(task)) {
		err = PTR_ERR(task);
		goto no_task;
	}
	start_all();
	msleep(100);
	kthread_stop(task);
	rcu_barrier();
	WARN((ran & ALL) != ALL, "ran: %lx", ran);
	return 0;
no_task:
	free_irq(IRQ_THREADED, &ran);
no_thread:
	free_irq(IRQ, &ran);
	return err;
}

static void __exit contexts_exit(void)
{
	free_irq(IRQ_THREADED, &ran);
	free_irq(IRQ, &ran);
	del_timer_sync(&timer);
	hrtimer_cancel(&hrtimer);
	hrtimer_cancel(&soft_hrtimer);
	tasklet_kill(&tasklet);
	cancel_work_sync(&work);
	cancel_delayed_work_sync(&delayed_work);
}

module_init(contexts_init);
module_exit(contexts_exit);
MODULE_LICENSE("GPL");
