// SPDX-License-Identifier: GPL-2.0-only
/*
 * The execution context of the one simulated CPU: preempt count, interrupts, the task; and the
 * question whether it may sleep. Fields and predicates as in include/linux/preempt.h of 6.1;
 * counting is on, as with CONFIG_PREEMPT_COUNT.
 *
 * What goes below zero is told once and stays zero, as the kernel's DEBUG_PREEMPT would have it.
 */
#include "world.h"

#include "include/linux/jiffies.h"

#include "include/linux/bug.h"
#include "include/linux/list.h"
#include "include/linux/sched.h"

struct native_state native_state;

struct native_seldom native_seldom = {
	.task = {.pid = 100, .tgid = 100, .comm = "insmod"},
	.kernel_object = {.name = "kernel", .kref = KREF_INIT(1), .state_initialized = 1},
};

void native_seldom_region(uint64_t *start, uint64_t *size)
{
	*start = (uint64_t)&native_seldom;
	*size = sizeof(native_seldom);
}

NATIVE_API struct task_struct *native_current(void)
{
	return &native_seldom.task;
}

void native_task(struct trace_task *out)
{
	*out = (struct trace_task){.ns = native_state.now,
				   .pid = native_seldom.task.pid,
				   .preempt_count = native_state.preempt_count,
				   .irqs_disabled = native_state.irqs_disabled};
	__builtin_memcpy(out->comm, native_seldom.task.comm, sizeof(out->comm));
}

void native_whence(struct kf_whence *out)
{
	*out = (struct kf_whence){native_now_jiffies(), native_seldom.task.pid, ""};
	__builtin_memcpy(out->comm, native_seldom.task.comm, sizeof(out->comm));
}

/* ---- preemption and interrupts ---- */

void native_preempt_add(uint32_t n)
{
	native_state.preempt_count += n;
}

static uint32_t preempt_field(uint32_t n)
{
	return n == PREEMPT_OFFSET ? PREEMPT_MASK : SOFTIRQ_MASK;
}

void native_preempt_sub(uint32_t n, const char *what)
{
	char text[128];

	if (likely((native_state.preempt_count & preempt_field(n)) >= n)) {
		native_state.preempt_count -= n;
		return;
	}
	native_snprintf(text, sizeof(text), "%s, but it was not disabled", what);
	judge_context(text);
}

NATIVE_API int preempt_count(void)
{
	return (int)native_state.preempt_count;
}

NATIVE_API void preempt_disable(void)
{
	native_enter();
	native_preempt_add(PREEMPT_OFFSET);
}

NATIVE_API void preempt_enable(void)
{
	native_preempt_sub(PREEMPT_OFFSET, "preempt_enable() enables preemption");
}

NATIVE_API void local_bh_disable(void)
{
	native_enter();
	native_preempt_add(SOFTIRQ_DISABLE_OFFSET);
}

NATIVE_API void local_bh_enable(void)
{
	if (unlikely(native_state.irqs_disabled))
		judge_context("local_bh_enable() with interrupts disabled");
	native_preempt_sub(SOFTIRQ_DISABLE_OFFSET, "local_bh_enable() enables softirqs");
}

NATIVE_API bool irqs_disabled(void)
{
	return native_state.irqs_disabled;
}

NATIVE_API void native_irq_disable(void)
{
	native_enter();
	native_state.irqs_disabled = true;
}

NATIVE_API void native_irq_enable(void)
{
	native_state.irqs_disabled = false;
}

NATIVE_API unsigned long native_irq_save(void)
{
	unsigned long flags = native_state.irqs_disabled ? 0 : 0x200;

	native_enter();
	native_state.irqs_disabled = true;
	return flags;
}

NATIVE_API void native_irq_restore(unsigned long flags)
{
	native_state.irqs_disabled = irqs_disabled_flags(flags);
}

/* ---- sleeping ---- */

NATIVE_API void __might_sleep(const char *what)
{
	struct target_context context;

	native_enter();
	native_context(&context);
	if (context.preempt_count || context.irqs_disabled || context.rcu_depth)
		judge_sleep_in_atomic(what, &context);
}

void native_may_block(const char *what)
{
	if (unlikely(native_seldom.task.__state != TASK_RUNNING))
		judge_not_running(what, native_seldom.task.__state);
	native_may_sleep(what);
}

NATIVE_API int __cond_resched(void)
{
	native_may_sleep("cond_resched");
	return 0;
}

/* ---- BUG and WARN ---- */

NATIVE_API void native_bug(const char *file, int line)
{
	native_bare_stack = true;
	native_die(DEATH_BUG, "kernel BUG at %s:%d", file, line);
}

NATIVE_API void native_warn(const char *file, int line)
{
	char text[256];

	native_enter();
	native_snprintf(text, sizeof(text), "WARNING at %s:%d", file, line);
	native_bare_stack = true;
	judge_warning(text);
	native_bare_stack = false;
}

NATIVE_API void native_warn_text(const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int n;

	native_enter();
	n = scnprintf(text, sizeof(text), "WARNING at %s:%d: ", file, line);
	va_start(args, fmt);
	n += vscnprintf(text + n, sizeof(text) - n, fmt, args);
	va_end(args);
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	native_bare_stack = true;
	judge_warning(text);
	native_bare_stack = false;
}

NATIVE_API void panic(const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	native_bare_stack = true;
	native_die(DEATH_BUG, "Kernel panic - not syncing: %s", text);
}

/* ---- damaged lists ---- */

NATIVE_API void native_list_add_bug(const struct list_head *new_entry, const struct list_head *prev,
				    const struct list_head *next)
{
	native_bare_stack = true;
	if (new_entry == prev || new_entry == next)
		native_die(DEATH_BUG, "kernel BUG: list_add double add: %p is on the list already",
			   new_entry);
	native_die(DEATH_BUG,
		   "kernel BUG: list_add corruption: the neighbours %p and %p are not linked", prev,
		   next);
}

NATIVE_API void native_list_del_bug(const struct list_head *entry)
{
	native_bare_stack = true;
	if (entry->next == LIST_POISON1 || entry->prev == LIST_POISON2)
		native_die(DEATH_BUG, "kernel BUG: list_del corruption: %p was removed already",
			   entry);
	native_die(DEATH_BUG,
		   "kernel BUG: list_del corruption: the neighbours of %p do not point to it",
		   entry);
}
