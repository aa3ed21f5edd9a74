/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The execution context of the one simulated CPU. The fields of the preempt count are those of 6.1:
 * bits 0-7 preemption, 8-15 softirq, 16-19 hardirq, 20-23 NMI.
 */
#ifndef KFAIL_LINUX_PREEMPT_H
#define KFAIL_LINUX_PREEMPT_H

#include "types.h"

#define PREEMPT_OFFSET	       0x1
#define PREEMPT_MASK	       0x000000ff
#define SOFTIRQ_OFFSET	       0x100
#define SOFTIRQ_DISABLE_OFFSET 0x200
#define SOFTIRQ_MASK	       0x0000ff00
#define HARDIRQ_OFFSET	       0x10000
#define HARDIRQ_MASK	       0x000f0000
#define NMI_MASK	       0x00f00000

int preempt_count(void);
void preempt_disable(void);
void preempt_enable(void);
void local_bh_disable(void);
void local_bh_enable(void);
#define preempt_enable_no_resched() preempt_enable()
#define preempt_disable_notrace()   preempt_disable()
#define preempt_enable_notrace()    preempt_enable()
#define migrate_disable()	    preempt_disable()
#define migrate_enable()	    preempt_enable()

#define in_nmi()	     (preempt_count() & NMI_MASK)
#define in_hardirq()	     (preempt_count() & HARDIRQ_MASK)
#define in_irq()	     in_hardirq()
#define in_softirq()	     (preempt_count() & SOFTIRQ_MASK)
#define in_serving_softirq() (preempt_count() & SOFTIRQ_OFFSET)
#define in_interrupt()	     (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_task()	     (!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()	     (preempt_count() != 0)
#define preemptible()	     (preempt_count() == 0 && !irqs_disabled())

#include "irqflags.h"

#endif
