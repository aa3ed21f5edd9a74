// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks: kernel/sched/core.c, kernel/fork.c, kernel/exit.c as far as kernel threads need them.
 *
 * Tasks are cooperative: one runs until it blocks in __schedule(), which takes the next runnable
 * one in a fixed order (the slot after the current). When none can run, virtual time jumps to the
 * next timer (time.c). Task 0 is init_task and carries the operations of a scenario. All is state
 * in world memory, so a restored world goes on with exactly the tasks that it had.
 *
 * A deadlock is: nothing runnable and no timer pending; or task 0 blocked for two virtual minutes,
 * while only others run (the kernel's own hung-task rule, with its default of 120 s).
 */
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/signal.h>
#include <linux/sched/debug.h>
#include <linux/kthread.h>
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/fdtable.h>
#include <linux/nsproxy.h>
#include <linux/mutex.h>
#include <linux/osq_lock.h>
#include <linux/slab.h>
#include "host.h"
#include "lock_notes.h"
#include "stacks.h"

#define TASKS_MAX    KF_STACKS
#define HUNG_TASK_NS (120ull * NSEC_PER_SEC)
#define KILL_WAIT_NS (5ull * NSEC_PER_SEC)

struct kf_task {
	struct task_struct *task; /* NULL: the slot is free */
	u64 sp;			  /* saved stack pointer while it does not run */
	int preempt_count;
	unsigned long irq_flags, boundary;
	bool exited; /* waits to be reaped by another task */
};

static struct kf_task tasks[TASKS_MAX];
static int task_count, running;
static u64 main_blocked_ns;
bool kf_kill_waits;	     /* set by the host: programs make calls by chance */
static const char *deadlock; /* why task 0 has to end the world */
static pid_t next_pid = 2;

unsigned long kf_irq_flags = X86_EFLAGS_IF;
int kf_booting, kf_settling;
unsigned long kf_boundary;

extern struct task_struct init_task;
void kf_switch(u64 *save_sp, const u64 *new_sp);
void kf_thread_start(void);
bool kf_advance_to_next_timer(u64 *ns);
void kf_check_task_locks(void);

static void switch_to_slot(int next)
{
	struct kf_task *from = &tasks[running], *to = &tasks[next];

	if (next == running)
		return;
	from->preempt_count = raw_cpu_read_4(__preempt_count);
	from->irq_flags = kf_irq_flags;
	from->boundary = kf_boundary;
	running = next;
	this_cpu_write(current_task, to->task);
	raw_cpu_write_4(__preempt_count, to->preempt_count);
	kf_irq_flags = to->irq_flags;
	kf_boundary = to->boundary;
	kf_switch(&from->sp, &to->sp);
}

static int next_runnable(void)
{
	int i, slot;

	for (i = 1; i <= task_count; i++) {
		slot = (running + i) % task_count;
		if (tasks[slot].task && !tasks[slot].exited &&
		    READ_ONCE(tasks[slot].task->__state) == TASK_RUNNING)
			return slot;
	}
	return -1;
}

/* Exited tasks are released by whoever schedules next: nobody can free the stack that it runs on.
 */
static void reap(void)
{
	struct task_struct *task;
	int i;

	for (i = 1; i < task_count; i++) {
		if (!tasks[i].exited || i == running || !tasks[i].task)
			continue;
		task = tasks[i].task;
		tasks[i].task = NULL;
		tasks[i].exited = false;
		put_task_struct(task);
		put_task_struct(task);
	}
}

/* A deadlock is reported from task 0, whose stack shows what it waits for. */
static void __noreturn report_deadlock(void)
{
	main_blocked_ns = 0;
	WRITE_ONCE(init_task.__state, TASK_RUNNING);
	end_world(KF_END_DEADLOCK, deadlock);
}

static int found_deadlock(const char *why)
{
	deadlock = why;
	if (running == 0)
		report_deadlock();
	return 0;
}

/*
 * The program's call waits, for something that may never come, in a way that a signal ends: whoever made it by chance would be
 * killed now, and the driver has to cope with that. The call's return takes the signal away again.
 */
static bool kill_wait(void)
{
	if (!kf_kill_waits || !init_task.mm ||
	    !(READ_ONCE(init_task.__state) & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return false;
	sigaddset(&init_task.pending.signal, SIGKILL);
	set_tsk_thread_flag(&init_task, TIF_SIGPENDING);
	WRITE_ONCE(init_task.__state, TASK_RUNNING);
	main_blocked_ns = 0;
	return true;
}

/* Nothing can run: let time pass until something can. The slot that runs next. */
static int wait_for_runnable(void)
{
	int slot;
	u64 ns;

	while ((slot = next_runnable()) < 0) {
		if (!kf_advance_to_next_timer(&ns)) {
			if (kill_wait())
				return 0;
			return found_deadlock("deadlock: all tasks wait, and no timer is pending");
		}
		main_blocked_ns += ns;
		if (main_blocked_ns > KILL_WAIT_NS && kill_wait())
			return 0;
		if (main_blocked_ns > HUNG_TASK_NS)
			return found_deadlock("hung: the task of the operation has been blocked "
					      "for 120 virtual seconds");
	}
	return slot;
}

static void check_schedule_context(unsigned int mode)
{
	if (kf_booting || kf_settling || (mode & 1) || tasks[running].exited)
		return;
	if (preempt_count() > 1 || !kf_irq_flags || current->rcu_read_lock_nesting)
		host_sleep_in_atomic("schedule");
}

/* A worker whose work function has returned: worker_thread() waits so for the next, and no work function waits so. */
static bool is_idle_worker(void)
{
	return (current->flags & PF_WQ_WORKER) && READ_ONCE(current->__state) == TASK_IDLE;
}

/* mode 1 is preemption; called with one preempt_disable() by schedule(). */
void __schedule(unsigned int mode)
{
	int slot;

	if (kf_reclaiming)
		end_world(KF_END_NOT_JUDGED,
			  "a shrinker waited for something while memory was short");
	reap();
	kf_run_rcu();
	check_schedule_context(mode);
	if (unlikely(kf_locks.driver) && is_idle_worker())
		kf_check_task_locks();
	slot = wait_for_runnable();
	if (slot == 0 || running == 0)
		main_blocked_ns = 0;
	switch_to_slot(slot);
	if (deadlock && running == 0)
		report_deadlock();
}

/* Let every other runnable task run until it blocks, without letting time pass. */
void kf_run_others(void)
{
	int i, slot;

	for (i = 0; i < 1000 && !kf_reclaiming; i++) {
		reap();
		kf_run_rcu();
		slot = next_runnable();
		if (slot < 0 || slot == running)
			return;
		switch_to_slot(slot);
	}
}

void kf_thread_main(int (*fn)(void *), void *arg)
{
	do_exit(fn(arg));
}

void __noreturn do_exit(long code)
{
	struct task_struct *task = current;

	if (running == 0)
		end_world(KF_END_BUG, "do_exit() of the task that runs the operation");
	kf_check_task_locks();
	if (task->vfork_done)
		complete_all(task->vfork_done);
	tasks[running].exited = true;
	WRITE_ONCE(task->__state, TASK_DEAD);
	task->exit_state = EXIT_DEAD;
	preempt_count_set(PREEMPT_ENABLED);
	for (;;)
		__schedule(0);
}

extern void free_kthread_struct(struct task_struct *task);

void __put_task_struct(struct task_struct *task)
{
	free_kthread_struct(task);
	kf_kfree(task);
}

/* Pointers of init_task into itself (empty lists and the like) must point into the copy. */
static void rebase_self_pointers(struct task_struct *task)
{
	u64 *word = (u64 *)task, from = (u64)&init_task;
	size_t i;

	for (i = 0; i < sizeof(*task) / sizeof(*word); i++)
		if (word[i] - from < sizeof(*task))
			word[i] += (u64)task - from;
}

static void take_shared_references(struct task_struct *task)
{
	task->fs->users++;
	atomic_inc(&task->files->count);
	get_nsproxy(task->nsproxy);
	get_cred(task->cred);
	get_cred(task->real_cred);
	refcount_inc(&task->sighand->count);
}

static void init_own_fields(struct task_struct *task)
{
	refcount_set(&task->usage, 2);
	task->pid = task->tgid = next_pid++;
	task->flags = PF_KTHREAD;
	task->mm = NULL;
	task->active_mm = &init_mm;
	task->worker_private = NULL;
	task->vfork_done = NULL;
	task->on_rq = task->on_cpu = 0;
	task->__state = TASK_RUNNING;
	task->exit_state = 0;
	INIT_LIST_HEAD(&task->tasks);
	INIT_LIST_HEAD(&task->children);
	INIT_LIST_HEAD(&task->sibling);
	INIT_LIST_HEAD(&task->thread_group);
	INIT_LIST_HEAD(&task->thread_node);
	INIT_LIST_HEAD(&task->cg_list);
	spin_lock_init(&task->alloc_lock);
	raw_spin_lock_init(&task->pi_lock);
	task->wake_q.next = NULL;
	task->pi_waiters = RB_ROOT_CACHED;
	task->pi_blocked_on = NULL;
	task->rcu_read_lock_nesting = 0;
	task->real_parent = task->parent = &init_task;
	task->group_leader = task;
	task->journal_info = NULL;
	task->plug = NULL;
	task->bio_list = NULL;
}

/* First frame of a new task: kf_switch pops six registers and returns to kf_thread_start
 * (switch.S).
 */
static u64 first_frame(int slot, int (*fn)(void *), void *arg)
{
	u64 *sp = (u64 *)(KF_STACK_TOP(slot) - 64);

	kf_shadow_forget(KF_STACK_LOW(slot), KF_STACK_SIZE);
	*sp = 0;
	*--sp = (u64)kf_thread_start;
	*--sp = 0;	  /* rbp */
	*--sp = (u64)fn;  /* rbx */
	*--sp = (u64)arg; /* r12 */
	*--sp = 0;
	*--sp = 0;
	*--sp = 0;
	return (u64)sp;
}

static int free_slot(void)
{
	int i;

	for (i = 1; i < task_count; i++)
		if (!tasks[i].task && i != running)
			return i;
	return task_count < TASKS_MAX ? task_count++ : -1;
}

/* Does a signal end a wait of the task that runs? Task 0 stands for the process that loads the module; kernel threads
 * ignore signals. */
bool kf_takes_signals(void)
{
	return in_task() && (current == &init_task || !(current->flags & PF_KTHREAD));
}

/* The i-th task that lives: the function of a kernel thread, and its name. False: there is none at
 * i.
 */
bool kf_task(unsigned int i, u64 *function, const char **name, u64 *pid)
{
	struct task_struct *task;

	if (i >= task_count)
		return false;
	task = tasks[i].task;
	*function = i && task && !tasks[i].exited ? (u64)kthread_func(task) : 0;
	*name = task ? task->comm : "";
	*pid = task ? task->pid : 0;
	return true;
}

/* The i-th slot: its task's name and number, and where its stack was left; *sp 0: it runs now, or nobody is there. False: there
 * is no i-th. */
bool kf_task_stack(unsigned int i, const char **name, u64 *pid, u64 *sp)
{
	struct task_struct *task;

	if (i >= task_count)
		return false;
	task = tasks[i].task;
	*name = task ? task->comm : NULL;
	*pid = task ? task->pid : 0;
	*sp = task && i != running ? tasks[i].sp : 0;
	return true;
}

extern bool set_kthread_struct(struct task_struct *task);

pid_t kf_spawn(int (*fn)(void *), void *arg)
{
	struct task_struct *task;
	int slot = free_slot();

	if (slot < 0)
		return -EAGAIN;
	task = kf_kmalloc(arch_task_struct_size, GFP_KERNEL);
	if (!task)
		return -ENOMEM;
	memcpy(task, &init_task, sizeof(*task));
	rebase_self_pointers(task);
	init_own_fields(task);
	if (!set_kthread_struct(task)) {
		kf_kfree(task);
		return -ENOMEM;
	}
	take_shared_references(task);
	tasks[slot] = (struct kf_task){.task = task,
				       .sp = first_frame(slot, fn, arg),
				       .preempt_count = PREEMPT_ENABLED,
				       .irq_flags = X86_EFLAGS_IF};
	return task->pid;
}

pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	return kf_spawn(fn, arg);
}

pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	return kf_spawn(fn, arg);
}

void kf_tasks_init(void)
{
	tasks[0] = (struct kf_task){
		.task = &init_task, .preempt_count = PREEMPT_ENABLED, .irq_flags = X86_EFLAGS_IF};
	task_count = 1;
	running = 0;
	init_task.on_cpu = 0;
	init_task.__state = TASK_RUNNING;
}

extern struct task_struct *kthreadd_task;
extern int kthreadd(void *unused);

int kf_start_kthreadd(void)
{
	kf_spawn(kthreadd, NULL);
	kthreadd_task = tasks[task_count - 1].task;
	kf_run_others();
	return 0;
}

int try_to_wake_up(struct task_struct *task, unsigned int state, int wake_flags)
{
	if (!(READ_ONCE(task->__state) & state) || (task->__state & TASK_DEAD))
		return 0;
	WRITE_ONCE(task->__state, TASK_RUNNING);
	return 1;
}

void wake_up_new_task(struct task_struct *task)
{
	WRITE_ONCE(task->__state, TASK_RUNNING);
}

unsigned long wait_task_inactive(struct task_struct *task, unsigned int state)
{
	return 1;
}

void yield(void)
{
	__schedule(0);
}

int __cond_resched(void)
{
	kf_check_sleep("cond_resched");
	return 0;
}

/* Optimistic spinning assumes that the owner runs on another CPU. */
bool mutex_spin_on_owner(struct mutex *lock, struct task_struct *owner, void *ctx, void *waiter)
{
	return false;
}

bool osq_lock(struct optimistic_spin_queue *lock)
{
	return false;
}

/* Priorities and affinity have no meaning with one CPU and no preemption. */
void set_user_nice(struct task_struct *task, long nice)
{
}

int set_cpus_allowed_ptr(struct task_struct *task, const struct cpumask *mask)
{
	return 0;
}

void do_set_cpus_allowed(struct task_struct *task, const struct cpumask *mask)
{
}

int sched_setscheduler_nocheck(struct task_struct *task, int policy,
			       const struct sched_param *param)
{
	return 0;
}

int sched_setscheduler(struct task_struct *task, int policy, const struct sched_param *param)
{
	return 0;
}

void sched_set_fifo(struct task_struct *task)
{
}

void sched_set_fifo_low(struct task_struct *task)
{
}

void sched_set_normal(struct task_struct *task, int nice)
{
}

void kick_process(struct task_struct *task)
{
}

void resched_cpu(int cpu)
{
}

void migrate_disable(void)
{
}

void migrate_enable(void)
{
}
