// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU and SRCU: kernel/rcu/tree.c, kernel/rcu/srcutree.c. With one CPU and tasks that switch only
 * when they block, a grace period has passed whenever a task schedules: callbacks queue up in order
 * and run then, in softirq context. Not kept: callbacks may run although another *task* blocks
 * inside an SRCU reader.
 */
#include <linux/rcupdate.h>
#include <linux/srcu.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/interrupt.h>
#include "host.h"
#include "lock_notes.h"

/* Pending callbacks, oldest first; the host reads them too, with care: somebody may have freed one (active.c). */
struct rcu_head *kf_rcu_queue;
static struct rcu_head **queue_tail = &kf_rcu_queue;
static u64 pending;
static bool in_callbacks;

u64 kf_rcu_pending(void)
{
	return pending;
}

/* The kernel frees these in a work (kfree_rcu_work()), where vfree() may be called, not where RCU's callbacks run. */
static void free_as_work_does(void *object)
{
	int count = preempt_count();

	preempt_count_set(0);
	kvfree(object);
	preempt_count_set(count);
}

/* Whoever schedules has preemption off, which is nothing to a softirq. What the callback does not give back stays. */
static void run_in_softirq(struct rcu_head *head)
{
	unsigned long flags = kf_irq_flags;
	int count = preempt_count();

	kf_irq_flags = X86_EFLAGS_IF;
	preempt_count_set(SOFTIRQ_OFFSET);
	head->func(head);
	preempt_count_set(count + preempt_count() - SOFTIRQ_OFFSET);
	kf_irq_flags = flags;
}

static void run_callback(struct rcu_head *head)
{
	/* kfree_rcu() passes the offset of the head in place of a function. */
	if ((unsigned long)head->func < 4096) {
		free_as_work_does((void *)head - (unsigned long)head->func);
		return;
	}
	run_in_softirq(head);
	do_softirq();
}

void kf_run_rcu(void)
{
	unsigned long boundary = kf_boundary;
	struct rcu_head *head;

	if (!kf_rcu_queue || in_callbacks || preempt_count() > 1 || current->rcu_read_lock_nesting)
		return;
	in_callbacks = true;
	kf_boundary = (unsigned long)__builtin_frame_address(0);
	while ((head = kf_rcu_queue)) {
		kf_rcu_queue = head->next;
		if (!kf_rcu_queue)
			queue_tail = &kf_rcu_queue;
		pending--;
		run_callback(head);
	}
	kf_boundary = boundary;
	in_callbacks = false;
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	head->func = func;
	head->next = NULL;
	*queue_tail = head;
	queue_tail = &head->next;
	pending++;
}

/* The pages of a slab wait for a grace period: the host's kf_hooks.defer comes here. */
static void free_slab(struct rcu_head *head)
{
	kf_slab_after_grace_period(head);
}

void kf_defer_slab(struct rcu_head *head)
{
	call_rcu(head, free_slab);
}

/* Only a head that looks as if it were in the queue is looked for. */
static bool is_queued(const struct rcu_head *head, rcu_callback_t func)
{
	const struct rcu_head *at;

	if (head->func != func || (!head->next && queue_tail != &head->next))
		return false;
	for (at = kf_rcu_queue; at && at != head; at = at->next)
		;
	return at != NULL;
}

void kvfree_call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	if (head && is_queued(head, func)) {
		host_warning("kvfree_call_rcu(): Double-freed call: the object is queued already");
		return;
	}
	if (head) {
		call_rcu(head, func);
		return;
	}
	kf_check_sleep("kvfree_rcu_mightsleep");
	kvfree((void *)func);
}

static void wait_for_grace_period(const char *what)
{
	kf_check_sleep(what);
	kf_run_rcu();
}

void synchronize_rcu(void)
{
	wait_for_grace_period("synchronize_rcu");
}

void synchronize_rcu_expedited(void)
{
	wait_for_grace_period("synchronize_rcu_expedited");
}

void synchronize_rcu_tasks(void)
{
	wait_for_grace_period("synchronize_rcu_tasks");
}

void synchronize_rcu_tasks_rude(void)
{
	wait_for_grace_period("synchronize_rcu_tasks_rude");
}

void synchronize_rcu_tasks_trace(void)
{
	wait_for_grace_period("synchronize_rcu_tasks_trace");
}

void call_rcu_tasks(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void call_rcu_tasks_trace(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void call_rcu_tasks_rude(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void rcu_barrier(void)
{
	wait_for_grace_period("rcu_barrier");
}

void rcu_barrier_tasks(void)
{
	wait_for_grace_period("rcu_barrier_tasks");
}

void rcu_barrier_tasks_trace(void)
{
	wait_for_grace_period("rcu_barrier_tasks_trace");
}

unsigned long get_state_synchronize_rcu(void)
{
	return 0;
}

unsigned long start_poll_synchronize_rcu(void)
{
	return 0;
}

bool poll_state_synchronize_rcu(unsigned long old)
{
	return true;
}

void cond_synchronize_rcu(unsigned long old)
{
	wait_for_grace_period("cond_synchronize_rcu");
}

static void wait_for_readers(struct srcu_struct *ssp, unsigned long caller, const char *what)
{
	if (kf_find_own(ssp, KF_LOCK_SRCU))
		kf_lock_blocks(ssp, KF_LOCK_SRCU, caller,
			       "deadlock: a task waits for the end of the SRCU read-side section "
			       "that it is in itself");
	if (kf_locks.driver)
		host_srcu_waits((unsigned long)ssp, caller);
	wait_for_grace_period(what);
}

void synchronize_srcu(struct srcu_struct *ssp)
{
	wait_for_readers(ssp, CALLER, "synchronize_srcu");
}

void synchronize_srcu_expedited(struct srcu_struct *ssp)
{
	wait_for_readers(ssp, CALLER, "synchronize_srcu_expedited");
}

void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void srcu_barrier(struct srcu_struct *ssp)
{
	wait_for_grace_period("srcu_barrier");
}

void cleanup_srcu_struct(struct srcu_struct *ssp)
{
	free_percpu(ssp->sda);
	ssp->sda = NULL;
}

/* The outermost section is noted as a lock that is held. */
void __rcu_read_lock(void)
{
	if (!current->rcu_read_lock_nesting)
		kf_took(NULL, KF_LOCK_RCU, KF_HELD_READ, CALLER);
	WRITE_ONCE(current->rcu_read_lock_nesting, current->rcu_read_lock_nesting + 1);
}

void __rcu_read_unlock(void)
{
	WRITE_ONCE(current->rcu_read_lock_nesting, current->rcu_read_lock_nesting - 1);
	if (!current->rcu_read_lock_nesting)
		kf_released(NULL, KF_LOCK_RCU);
}

/* Bookkeeping of quiescent states, which happen by themselves here. */
void rcu_note_context_switch(bool preempt)
{
}

void rcu_softirq_qs(void)
{
}

int rcu_needs_cpu(void)
{
	return 0;
}

void rcu_sched_clock_irq(int user)
{
}

bool rcu_is_watching(void)
{
	return true;
}

void rcu_sysrq_start(void)
{
}
