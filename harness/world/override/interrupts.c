// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that kfail makes: which could come now, and one that does. After arch/x86/kernel/irq.c and the parts of
 * kernel/softirq.c, kernel/time/timer.c and kernel/irq/ that they go through.
 *
 *	line		a handler of request_irq(): the line's own flow handler runs it, in hardirq context
 *	timer, hrtimer	time jumps to where it is due, and the timer interrupt runs it, with all that is due by then
 *	tasklet		the end of an interrupt runs the softirqs that are pending
 *
 * What comes is what a machine could do at this very instruction: a line that is disabled or masked stays silent, and the
 * last three want softirqs to be allowed. An interrupt begins with interrupts off, and is a boundary for stack walks.
 *
 * The wheel of timers and the lists of tasklets are private to the kernel's files: their layouts are repeated here.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqnr.h>
#include <linux/timer.h>
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include "host.h"

/* kernel/time/timer.c */
#define LEVELS	   9
#define LEVEL_SIZE 64
#define BASES	   2
struct timer_base {
	raw_spinlock_t lock;
	struct timer_list *running_timer;
	unsigned long clk;
	unsigned long next_expiry;
	unsigned int cpu;
	bool next_expiry_recalc, is_idle, timers_pending;
	DECLARE_BITMAP(pending_map, LEVELS *LEVEL_SIZE);
	struct hlist_head vectors[LEVELS * LEVEL_SIZE];
} ____cacheline_aligned;
DECLARE_PER_CPU(struct timer_base, timer_bases[BASES]);

/* kernel/softirq.c */
struct tasklet_head {
	struct tasklet_struct *head, **tail;
};
DECLARE_PER_CPU(struct tasklet_head, tasklet_vec);
DECLARE_PER_CPU(struct tasklet_head, tasklet_hi_vec);

/* kernel/time/tick-internal.h */
DECLARE_PER_CPU(struct hrtimer_cpu_base, hrtimer_bases);

/* How far time is moved to make one timer fire: more steps than timers are ever in its way. */
#define STEPS_MAX 256

extern void __do_softirq(void);
bool kf_advance_to_next_timer(u64 *ns);

/* What the host has chosen. */
struct kf_interrupt kf_interrupt_next;

struct list {
	struct kf_interrupt *to;
	unsigned int count, max;
	const struct kf_range *code; /* of the module under test */
};

static bool is_ours(const struct list *list, u64 function)
{
	return function - list->code[0].start < list->code[0].size ||
	       function - list->code[1].start < list->code[1].size;
}

static void add(struct list *list, enum kf_interrupt_kind kind, u64 irq, u64 handler,
		const void *object, const char *name)
{
	if (list->count < list->max && is_ours(list, handler))
		list->to[list->count++] =
			(struct kf_interrupt){kind, irq, handler, (u64)object, name};
}

/* ---- what could come ---- */

static void add_lines(struct list *list)
{
	const struct irqaction *action;
	struct irq_desc *desc;
	unsigned int irq;

	for_each_active_irq(irq)
	{
		desc = irq_to_desc(irq);
		if (!desc || !desc->action || irqd_irq_disabled(&desc->irq_data) ||
		    irqd_irq_masked(&desc->irq_data) || irqd_irq_inprogress(&desc->irq_data))
			continue;
		for (action = desc->action; action; action = action->next) {
			u64 handler = (u64)action->handler;

			if (!is_ours(list, handler))
				handler = (u64)action->thread_fn;
			add(list, KF_INTERRUPT_LINE, irq, handler, action, action->name);
			/* One interrupt runs all handlers that share the line. */
			if (is_ours(list, handler))
				break;
		}
	}
}

static void add_timers(struct list *list)
{
	struct timer_list *timer;
	unsigned int base, i;

	for (base = 0; base < BASES; base++) {
		struct timer_base *b = this_cpu_ptr(&timer_bases[base]);

		for_each_set_bit(i, b->pending_map, LEVELS * LEVEL_SIZE)
			hlist_for_each_entry(timer, &b->vectors[i], entry)
				add(list, KF_INTERRUPT_TIMER, 0, (u64)timer->function, timer, NULL);
	}
}

static void add_hrtimers(struct list *list)
{
	struct hrtimer_cpu_base *cpu = this_cpu_ptr(&hrtimer_bases);
	struct timerqueue_node *node;
	unsigned int i;

	for (i = 0; i < HRTIMER_MAX_CLOCK_BASES; i++)
		for (node = timerqueue_getnext(&cpu->clock_base[i].active); node;
		     node = timerqueue_iterate_next(node)) {
			struct hrtimer *timer = container_of(node, struct hrtimer, node);

			add(list, KF_INTERRUPT_HRTIMER, 0, (u64)timer->function, timer, NULL);
		}
}

static void add_tasklets(struct list *list, const struct tasklet_head *head)
{
	const struct tasklet_struct *t;

	for (t = head->head; t; t = t->next)
		if (!atomic_read(&t->count))
			add(list, KF_INTERRUPT_TASKLET, 0,
			    t->use_callback ? (u64)t->callback : (u64)t->func, t, NULL);
}

static bool interrupts_can_come(void)
{
	return kf_irq_flags && !kf_booting && !kf_settling && !kf_reclaiming && !in_hardirq() &&
	       !in_nmi();
}

/* Interrupts that run code of these two ranges, and could come now; at most max. For the host, in the midst of a call. */
u64 kf_interrupts(const struct kf_range *code, struct kf_interrupt *to, u64 max)
{
	struct list list = {.to = to, .max = max, .code = code};

	if (!interrupts_can_come())
		return 0;
	add_lines(&list);
	if (in_interrupt())
		return list.count;
	add_timers(&list);
	add_hrtimers(&list);
	add_tasklets(&list, this_cpu_ptr(&tasklet_vec));
	add_tasklets(&list, this_cpu_ptr(&tasklet_hi_vec));
	return list.count;
}

/* ---- one that comes ---- */

void kf_in_interrupt(void (*fn)(void *arg), void *arg)
{
	unsigned long flags = kf_irq_flags, boundary = kf_boundary;

	kf_boundary = (unsigned long)__builtin_frame_address(0);
	kf_irq_flags = 0;
	preempt_count_add(HARDIRQ_OFFSET);
	fn(arg);
	preempt_count_sub(HARDIRQ_OFFSET);
	if (!in_interrupt() && local_softirq_pending())
		__do_softirq();
	kf_irq_flags = flags;
	kf_boundary = boundary;
}

static void raise_line(void *irq)
{
	generic_handle_irq((unsigned long)irq);
}

static void nothing(void *unused)
{
}

/* Its own function may free it, so that it is looked for and not asked. */
static bool is_pending(const struct kf_interrupt *timer, void (*add_all)(struct list *list))
{
	const struct kf_range code[2] = {{timer->handler, 1}};
	struct kf_interrupt found[16];
	struct list list = {.to = found, .max = ARRAY_SIZE(found), .code = code};
	unsigned int i;

	add_all(&list);
	for (i = 0; i < list.count; i++)
		if (found[i].object == timer->object)
			return true;
	return false;
}

static void let_time_pass(const struct kf_interrupt *timer, void (*add_all)(struct list *list))
{
	unsigned int i;
	u64 ns;

	for (i = 0; i < STEPS_MAX && is_pending(timer, add_all); i++)
		if (!kf_advance_to_next_timer(&ns))
			return;
}

/* Called in the place of the instruction that is interrupted. */
void kf_interrupt(void)
{
	const struct kf_interrupt next = kf_interrupt_next;

	switch (next.kind) {
	case KF_INTERRUPT_LINE:
		kf_in_interrupt(raise_line, (void *)next.irq);
		break;
	case KF_INTERRUPT_TIMER:
		let_time_pass(&next, add_timers);
		break;
	case KF_INTERRUPT_HRTIMER:
		let_time_pass(&next, add_hrtimers);
		break;
	case KF_INTERRUPT_TASKLET:
		kf_in_interrupt(nothing, NULL);
		break;
	}
}
