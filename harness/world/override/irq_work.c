// SPDX-License-Identifier: GPL-2.0-only
/*
 * Works in hardirq context: kernel/irq_work.c. On a machine such a work raises an interrupt of its own CPU, which comes at once
 * where interrupts are on, else as soon as they are. So here: what is queued while they are off waits for
 * kf_irq_enable() (cpu.c). Lazy works, which may wait for the next tick, do not.
 */
#include <linux/irq_work.h>
#include <linux/preempt.h>
#include "host.h"

struct irq_work *kf_irq_works; /* pending, newest first: as an llist */
static bool running;

extern void irq_work_single(void *arg);

/* False: it is pending already. */
static bool claim(struct irq_work *work)
{
	int before = atomic_fetch_or(IRQ_WORK_CLAIMED | CSD_TYPE_IRQ_WORK, &work->node.a_flags);

	return !(before & IRQ_WORK_PENDING);
}

static struct irq_work *next_of(const struct irq_work *work)
{
	return (struct irq_work *)work->node.llist.next;
}

/* Oldest first. */
static struct irq_work *take_all(void)
{
	struct irq_work *work = kf_irq_works, *list = NULL, *next;

	kf_irq_works = NULL;
	for (; work; work = next) {
		next = next_of(work);
		work->node.llist.next = (struct llist_node *)list;
		list = work;
	}
	return list;
}

static void run_all(void *unused)
{
	struct irq_work *work, *next;

	while ((work = take_all()))
		for (; work; work = next) {
			next = next_of(work);
			irq_work_single(work);
		}
}

/* If interrupts are on. */
void kf_run_irq_works(void)
{
	if (!kf_irq_works || !kf_irq_flags || running || in_hardirq() || in_nmi())
		return;
	running = true;
	kf_in_interrupt(run_all, NULL);
	running = false;
}

bool irq_work_queue(struct irq_work *work)
{
	if (!claim(work))
		return false;
	work->node.llist.next = (struct llist_node *)kf_irq_works;
	kf_irq_works = work;
	kf_run_irq_works();
	return true;
}

bool irq_work_queue_on(struct irq_work *work, int cpu)
{
	return irq_work_queue(work);
}

void irq_work_sync(struct irq_work *work)
{
	kf_check_sleep("irq_work_sync");
	kf_run_irq_works();
}
