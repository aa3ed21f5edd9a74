/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting. There is one task, so a waiter lets pending works and timers run, under virtual time,
 * until its condition holds; when none is left, everybody waits for ever, and that is a deadlock.
 */
#ifndef KFAIL_LINUX_WAIT_H
#define KFAIL_LINUX_WAIT_H

#include "jiffies.h"
#include "list.h"
#include "sched.h"
#include "spinlock.h"

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
} wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)         \
	{                                           \
		.head = LIST_HEAD_INIT((name).head) \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name)	      wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)

void init_waitqueue_head(struct wait_queue_head *wq_head);
void wake_up(struct wait_queue_head *wq_head);
#define wake_up_all(wq)		      wake_up(wq)
#define wake_up_nr(wq, nr)	      wake_up(wq)
#define wake_up_interruptible(wq)     wake_up(wq)
#define wake_up_interruptible_all(wq) wake_up(wq)
#define wake_up_poll(wq, m)	      wake_up(wq)
#define waitqueue_active(wq)	      (!list_empty(&(wq)->head))

/* Let something else run; with a deadline (in jiffies), false when it is reached. */
void native_wait_step(const char *what);
bool native_wait_step_until(const char *what, unsigned long deadline);
unsigned long native_deadline(long timeout);

#define native_wait_event(what, condition)      \
	do {                                    \
		__might_sleep(what);            \
		while (!(condition))            \
			native_wait_step(what); \
	} while (0)
/* What is left of the timeout when the condition holds (at least 1), else 0. */
#define native_wait_event_timeout(what, condition, timeout)           \
	({                                                            \
		unsigned long __end = native_deadline(timeout);       \
		long __left;                                          \
		bool __more = true;                                   \
		__might_sleep(what);                                  \
		while (!(condition) && __more)                        \
			__more = native_wait_step_until(what, __end); \
		__left = (long)(__end - jiffies);                     \
		(condition) ? (__left > 0 ? __left : 1) : 0;          \
	})

#define wait_event(wq, condition) native_wait_event("wait_event", condition)
#define wait_event_interruptible(wq, condition)                           \
	({                                                                \
		native_wait_event("wait_event_interruptible", condition); \
		0;                                                        \
	})
#define wait_event_killable(wq, condition)                           \
	({                                                           \
		native_wait_event("wait_event_killable", condition); \
		0;                                                   \
	})
#define wait_event_timeout(wq, condition, timeout) \
	native_wait_event_timeout("wait_event_timeout", condition, timeout)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	native_wait_event_timeout("wait_event_interruptible_timeout", condition, timeout)

#endif
