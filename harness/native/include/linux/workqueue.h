/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work: run in process context, in the order of queueing, when the driver waits or when a run is
 * settled. Sizes are the kernel's: 32 bytes for a work, 88 for a delayed one.
 */
#ifndef KFAIL_LINUX_WORKQUEUE_H
#define KFAIL_LINUX_WORKQUEUE_H

#include "list.h"
#include "sched.h"
#include "timer.h"

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	atomic_long_t data; /* bit 0: pending */
	struct list_head entry;
	work_func_t func;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};

enum {
	WQ_UNBOUND = 1 << 1,
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,
	WQ_HIGHPRI = 1 << 4,
	WQ_CPU_INTENSIVE = 1 << 5,
	WQ_SYSFS = 1 << 6,
	WQ_POWER_EFFICIENT = 1 << 7,
	__WQ_ORDERED = 1 << 17,
	WQ_MAX_ACTIVE = 512,
};

#define __WORK_INITIALIZER(n, f)                               \
	{                                                      \
		.entry = {&(n).entry, &(n).entry}, .func = (f) \
	}
#define DECLARE_WORK(n, f)	   struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = {.work = __WORK_INITIALIZER((n).work, f)}
#define INIT_WORK(_work, _func)                  \
	do {                                     \
		(_work)->data.counter = 0;       \
		INIT_LIST_HEAD(&(_work)->entry); \
		(_work)->func = (_func);         \
	} while (0)
#define INIT_WORK_ONSTACK(_work, _func) INIT_WORK(_work, _func)
#define INIT_DELAYED_WORK(_work, _func)                \
	do {                                           \
		INIT_WORK(&(_work)->work, (_func));    \
		timer_setup(&(_work)->timer, NULL, 0); \
	} while (0)
#define INIT_DEFERRABLE_WORK(_work, _func) INIT_DELAYED_WORK(_work, _func)
#define destroy_work_on_stack(work)	   ((void)(work))
#define work_pending(work)		   ((work)->data.counter & 1)
#define delayed_work_pending(w)		   work_pending(&(w)->work)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

__printf(1, 4) struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
							int max_active, ...);
#define alloc_ordered_workqueue(fmt, flags, args...) \
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#define create_workqueue(name)		    alloc_workqueue("%s", WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name) alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, name)
void destroy_workqueue(struct workqueue_struct *wq);
void flush_workqueue(struct workqueue_struct *wq);
void drain_workqueue(struct workqueue_struct *wq);
void flush_scheduled_work(void);

struct workqueue_struct *native_system_wq(void);
#define system_wq		  native_system_wq()
#define system_highpri_wq	  native_system_wq()
#define system_long_wq		  native_system_wq()
#define system_unbound_wq	  native_system_wq()
#define system_freezable_wq	  native_system_wq()
#define system_power_efficient_wq native_system_wq()

bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
bool schedule_work(struct work_struct *work);
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);
#define queue_work_on(cpu, wq, work) ((void)(cpu), queue_work(wq, work))
#define schedule_work_on(cpu, work)  ((void)(cpu), schedule_work(work))

bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dwork);
bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

#endif
