/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts are requested and given back; none ever comes. Tasklets run in softirq context. */
#ifndef KFAIL_LINUX_INTERRUPT_H
#define KFAIL_LINUX_INTERRUPT_H

#include "atomic.h"
#include "bug.h"
#include "container_of.h"
#include "hardirq.h"
#include "irqflags.h"
#include "irqreturn.h"
#include "kernel.h"

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define IRQF_TRIGGER_NONE    0x0
#define IRQF_TRIGGER_RISING  0x1
#define IRQF_TRIGGER_FALLING 0x2
#define IRQF_TRIGGER_HIGH    0x4
#define IRQF_TRIGGER_LOW     0x8
#define IRQF_SHARED	     0x80
#define IRQF_ONESHOT	     0x2000
#define IRQF_NO_SUSPEND	     0x4000

int __must_check request_threaded_irq(unsigned int irq, irq_handler_t handler,
				      irq_handler_t thread_fn, unsigned long flags,
				      const char *name, void *dev);
int __must_check request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
			     const char *name, void *dev);
const void *free_irq(unsigned int irq, void *dev_id);
#define enable_irq(irq)		((void)(irq))
#define disable_irq(irq)	((void)(irq))
#define disable_irq_nosync(irq) ((void)(irq))
#define synchronize_irq(irq)	((void)(irq))

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state; /* bit 0: scheduled */
	atomic_t count;	     /* above 0: disabled */
	bool use_callback;
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;
};

#define DECLARE_TASKLET(name, callback_) \
	struct tasklet_struct name = {.use_callback = true, .callback = (callback_)}
#define DECLARE_TASKLET_OLD(name, func_) struct tasklet_struct name = {.func = (func_)}
#define from_tasklet(var, callback_tasklet, field) \
	container_of(callback_tasklet, __typeof__(*var), field)

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *));
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);
#define tasklet_hi_schedule(t) tasklet_schedule(t)
#define tasklet_disable(t)     atomic_inc(&(t)->count)
#define tasklet_enable(t)      atomic_dec(&(t)->count)

#endif
