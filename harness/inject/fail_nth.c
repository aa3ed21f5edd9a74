// SPDX-License-Identifier: GPL-2.0-only
/*
 * fail-nth and make-it-fail of a task, as /proc/<pid>/fail-nth and make-it-fail give them (Documentation/fault-injection
 * of 6.1), for programs through harness/native/include/kfail.h:
 *
 *	- a number is written; each point in that task counts it down, of whatever capability; at 0 the point is refused
 *	- read back it is 0 when that has happened (or nothing was written), else what is left
 *	- interrupts do not count, and other tasks have countdowns of their own
 *	- a new task has no countdown; make-it-fail has, as under failcmd.sh, the task that runs the scenario and nobody
 *	  whom the kernel makes (a kernel thread is a child of kthreadd)
 *
 * One thread runs the world. All of it ends with the run.
 */
#include "inject_internal.h"

#include "../native/include/kfail.h"
#include "../trace/run_state.h"
#include "../trace/util.h"

/* preempt_count, include/linux/preempt.h of 6.1: not in_task() when one of these is set. */
#define INTERRUPT_BITS 0x00ff0100u

static struct task_faults {
	int32_t pid;
	uint32_t nth;
	bool make_it_fail;
} * tasks;
static unsigned room;
static RUN_STATE unsigned count;
static RUN_STATE int32_t scenario_pid;

/* As they were at the checkpoint. */
static struct task_faults *kept;
static unsigned kept_count;

void fail_nth_begin(int32_t pid)
{
	scenario_pid = pid;
	count = 0;
}

void fail_nth_checkpoint(void)
{
	kept_count = count;
	if (!count)
		return;
	kept = xreallocarray(kept, count, sizeof(*kept));
	memcpy(kept, tasks, count * sizeof(*kept));
}

void fail_nth_return(void)
{
	if (kept_count)
		memcpy(tasks, kept, kept_count * sizeof(*kept));
}

static struct task_faults *find(int32_t pid)
{
	for (unsigned i = 0; i < count; i++)
		if (tasks[i].pid == pid)
			return &tasks[i];
	return NULL;
}

static struct task_faults *current_task(void)
{
	struct trace_task now;
	struct task_faults *task;

	inject_look_closer();
	inject_task(&now);
	task = find(now.pid);
	if (task)
		return task;
	if (count == room) {
		room = room ? room * 2 : 16;
		tasks = xreallocarray(tasks, room, sizeof(*tasks));
	}
	tasks[count] =
		(struct task_faults){.pid = now.pid, .make_it_fail = now.pid == scenario_pid};
	return &tasks[count++];
}

bool fail_nth_hit(bool *pending)
{
	struct task_faults *task;
	struct trace_task now;

	if (!count)
		return false;
	inject_task(&now);
	task = now.preempt_count & INTERRUPT_BITS ? NULL : find(now.pid);
	if (!task || !task->nth)
		return false;
	*pending = --task->nth;
	return !task->nth;
}

bool fail_nth_made_to_fail(void)
{
	const struct task_faults *task;
	struct trace_task now;

	inject_task(&now);
	if (now.preempt_count & INTERRUPT_BITS)
		return false;
	task = find(now.pid);
	return task ? task->make_it_fail : now.pid == scenario_pid;
}

/* ---- for programs ---- */

void kfail_fail_nth(unsigned int n)
{
	current_task()->nth = n;
}

unsigned int kfail_fail_nth_read(void)
{
	return current_task()->nth;
}

void kfail_make_it_fail(bool on)
{
	current_task()->make_it_fail = on;
}
