/* SPDX-License-Identifier: GPL-2.0-only */
/* The one task. */
#ifndef KFAIL_LINUX_SCHED_H
#define KFAIL_LINUX_SCHED_H

#include "kernel.h"
#include "preempt.h"

#define TASK_RUNNING	     0x0000
#define TASK_INTERRUPTIBLE   0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_KILLABLE	     0x0102
#define TASK_COMM_LEN	     16
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

#define PF_MEMALLOC	 0x00000800
#define PF_KSWAPD	 0x00020000
#define PF_MEMALLOC_NOFS 0x00040000
#define PF_MEMALLOC_NOIO 0x00080000
#define PF_KTHREAD	 0x00200000
#define PF_MEMALLOC_PIN	 0x10000000

struct mm_struct;

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	pid_t pid, tgid;
	char comm[TASK_COMM_LEN];
	struct mm_struct *mm;
	void *journal_info;
	int pagefault_disabled;
};

struct task_struct *native_current(void);
#define current	      native_current()
#define get_current() native_current()

#define set_current_state(state)   (current->__state = (state))
#define __set_current_state(state) (current->__state = (state))
#define task_pid_nr(task)	   ((task)->pid)
#define task_tgid_nr(task)	   ((task)->tgid)
#define task_pid_vnr(task)	   ((task)->pid)

void schedule(void);
long schedule_timeout(long timeout);
long schedule_timeout_interruptible(long timeout);
long schedule_timeout_uninterruptible(long timeout);
int __cond_resched(void);
#define cond_resched() __cond_resched()
#define yield()	       __cond_resched()
#define io_schedule()  schedule()

static inline int signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

#define fatal_signal_pending(task) signal_pending(task)

#endif
