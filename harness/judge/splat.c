// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own report texts: kernel/sched/core.c (__might_resched(), __schedule_bug()) and kernel/locking/lockdep.c of 6.1, without
 * the prefixes that printk() puts before them.
 *
 *	BUG: sleeping function called from invalid context at kernel/locking/mutex.c:283
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: insmod
 *	preempt_count: 1, expected: 0
 *	RCU nest depth: 0, expected: 0
 *	1 lock held by insmod/1:
 *	 #0: 0000000060011080 (demo:lock){+.+.}-{2:2}, at: demo_init+0x1c/0x80 [demo]
 *	CPU: 0 PID: 1 Comm: insmod ...
 *	Call Trace:
 *	 <TASK>
 *	 demo_init+0x2f/0x80 [demo]
 *	 </TASK>
 *
 * What only a kernel with the options knows (irq event stamps, usage traces of kernel locks) is left out.
 */
#include "splat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../trace/symbols.h"
#include "../trace/util.h"
#include "evidence.h"

#define HARDIRQ_MASK 0x000f0000u
#define SOFTIRQ_MASK 0x0000ff00u

/* ---- pieces ---- */

static void put_frame(FILE *out, const struct stack_frame *frame)
{
	fprintf(out, " %s+0x%" PRIx64 "/0x%" PRIx64 "%s%s%s\n", frame->function, frame->offset,
		frame->size, frame->module ? " [" : "", frame->module ? frame->module : "",
		frame->module ? "]" : "");
}

static void put_frames(FILE *out, const struct stack *stack)
{
	for (unsigned i = 0; i < stack->count; i++)
		if (!stack->frames[i].inlined)
			put_frame(out, &stack->frames[i]);
}

static void put_trace(FILE *out, const struct finding *f, const struct evidence *e)
{
	fprintf(out, "CPU: 0 PID: %d Comm: %s Not tainted %s\nCall Trace:\n <TASK>\n", e->pid,
		e->comm, judge.eyes.kernel);
	put_frames(out, &f->stack);
	fputs(" </TASK>\n", out);
}

/* lockdep's wait types: 2 spins, 3 sleeps, 1 is RCU. */
static unsigned wait_type(unsigned kind)
{
	switch (kind) {
	case LOCK_SPIN:
	case LOCK_RW:
		return 2;
	case LOCK_RCU:
		return 1;
	default:
		return 3;
	}
}

/* How interrupts relate to the lock, as far as this one taking shows: enabled (+) or not (.). */
static const char *usage(const struct lock_held *lock)
{
	if (lock->kind == LOCK_RCU)
		return "....";
	return (lock->flags & (LOCK_IRQ | LOCK_IRQS_WERE_ON)) == LOCK_IRQS_WERE_ON ||
			       lock->kind > LOCK_RW
		       ? "+.+."
		       : "....";
}

static void put_lock(FILE *out, const struct lock_told *told)
{
	char *name = lock_class_name(&told->class), at[256];

	symbols_print(told->lock.caller, false, at, sizeof(at));
	fprintf(out, "%016" PRIx64 " (%s){%s}-{%u:%u}, at: %s\n", told->lock.lock, name,
		usage(&told->lock),
		wait_type(told->lock.kind) == 1 ? 1 : wait_type(told->lock.kind),
		wait_type(told->lock.kind) == 1 ? 2 : wait_type(told->lock.kind), at);
	free(name);
}

static void put_held(FILE *out, const struct evidence *e)
{
	unsigned number = 0;

	if (!e->held_count) {
		fprintf(out, "no locks held by %s/%d.\n", e->comm, e->pid);
		return;
	}
	fprintf(out, "%u lock%s held by %s/%d:\n", e->held_count, e->held_count > 1 ? "s" : "",
		e->comm, e->pid);
	for (unsigned i = 0; i < e->lock_count; i++) {
		if (e->locks[i].role != LOCK_ROLE_HELD)
			continue;
		fprintf(out, " #%u: ", number++);
		put_lock(out, &e->locks[i]);
	}
}

static const struct lock_told *lock_of(const struct evidence *e, enum lock_role role)
{
	for (unsigned i = 0; i < e->lock_count; i++)
		if (e->locks[i].role == role)
			return &e->locks[i];
	return e->lock_count ? &e->locks[0] : NULL;
}

/* ---- sleeping ---- */

/* The kernel names the line that asks; so the innermost function that is known for asking, else the innermost that has a
 * line, else its name. */
static void put_asker(FILE *out, const struct stack *stack)
{
	const char *site;

	for (unsigned i = 0; i < stack->count; i++) {
		site = sleep_site(stack->frames[i].function);
		if (site) {
			fputs(site, out);
			return;
		}
		if (stack->frames[i].file) {
			fprintf(out, "%s:%d", stack->frames[i].file, stack->frames[i].line);
			return;
		}
	}
	fputs(stack->count ? stack->frames[0].function : "?", out);
}

static void put_sleep(FILE *out, const struct finding *f, const struct evidence *e)
{
	const struct target_context *c = &e->context;

	fputs("BUG: sleeping function called from invalid context at ", out);
	put_asker(out, &f->stack);
	fprintf(out,
		"\nin_atomic(): %d, irqs_disabled(): %d, non_block: 0, pid: %d, name: %s\n"
		"preempt_count: %x, expected: 0\nRCU nest depth: %u, expected: 0\n",
		c->preempt_count != 0, c->irqs_disabled, e->pid, e->comm, c->preempt_count,
		c->rcu_depth);
	put_held(out, e);
	put_trace(out, f, e);
}

static void put_schedule(FILE *out, const struct finding *f, const struct evidence *e)
{
	fprintf(out, "BUG: scheduling while atomic: %s/%d/0x%08x\n", e->comm, e->pid,
		e->context.preempt_count);
	put_held(out, e);
	put_trace(out, f, e);
}

static void put_not_running(FILE *out, const struct finding *f, const struct evidence *e)
{
	const char *state = strstr(e->what, "state=");

	fprintf(out, "do not call blocking ops when !TASK_RUNNING; %.*s\n",
		state ? (int)strcspn(state, ")") : 0, state ? state : "");
	put_trace(out, f, e);
}

/* ---- lockdep ---- */

static void put_heading(FILE *out, const char *title)
{
	size_t n = strlen(title);

	for (size_t i = 0; i < n; i++)
		fputc('=', out);
	fprintf(out, "\n%s\n%s Not tainted\n", title, judge.eyes.kernel);
	for (size_t i = 0; i < n; i++)
		fputc('-', out);
	fputc('\n', out);
}

static void put_end(FILE *out, const struct finding *f, const struct evidence *e)
{
	put_held(out, e);
	fputs("\nstack backtrace:\n", out);
	put_trace(out, f, e);
}

static void put_unlock(FILE *out, const struct finding *f, const struct evidence *e)
{
	const struct lock_told *lock = lock_of(e, LOCK_ROLE_WANTED);
	char *name = lock_class_name(&lock->class), at[256];

	symbols_print(lock->lock.caller, false, at, sizeof(at));
	put_heading(out, "WARNING: bad unlock balance detected!");
	fprintf(out,
		"%s/%d is trying to release lock (%s) at:\n%s\nbut there are no more locks to "
		"release!\n\nother info that might help us debug this:\n",
		e->comm, e->pid, name, at);
	free(name);
	put_end(out, f, e);
}

static void put_at_end(FILE *out, const struct finding *f, const struct evidence *e)
{
	char title[80];

	snprintf(title, sizeof(title), "WARNING: %s/%d still has locks held!", e->comm, e->pid);
	put_heading(out, title);
	put_end(out, f, e);
}

static void put_recursive(FILE *out, const struct finding *f, const struct evidence *e)
{
	const struct lock_told *wanted = lock_of(e, LOCK_ROLE_WANTED);
	char *name = lock_class_name(&wanted->class);

	put_heading(out, "WARNING: possible recursive locking detected");
	fprintf(out, "%s/%d is trying to acquire lock:\n", e->comm, e->pid);
	put_lock(out, wanted);
	fputs("\nbut task is already holding lock:\n", out);
	put_lock(out, lock_of(e, LOCK_ROLE_HOLDER));
	fprintf(out,
		"\nother info that might help us debug this:\n Possible unsafe locking "
		"scenario:\n\n       CPU0\n       ----\n  lock(%s);\n  lock(%s);\n\n *** DEADLOCK "
		"***\n\n May be due to missing lock nesting notation\n\n",
		name, name);
	free(name);
	put_end(out, f, e);
}

static void put_freed(FILE *out, const struct finding *f, const struct evidence *e)
{
	put_heading(out, "WARNING: held lock freed!");
	fprintf(out,
		"%s/%d is freeing memory %016" PRIx64 "-%016" PRIx64
		", with a lock still held there!\n",
		e->comm, e->pid, e->freed_addr, e->freed_addr + e->freed_size - 1);
	put_lock(out, lock_of(e, LOCK_ROLE_HOLDER));
	put_end(out, f, e);
}

static void put_place(FILE *out, const struct lock_place *place)
{
	struct stack stack = {.count = 0};

	stack_name(&stack, place->pcs, place->count, false);
	fputs("     ", out);
	for (unsigned i = 0; i < stack.count; i++) {
		if (stack.frames[i].inlined)
			continue;
		fputs(i ? "      " : "", out);
		put_frame(out, &stack.frames[i]);
	}
	stack_clear(&stack);
}

static const struct lock_edge *through(const struct evidence *e)
{
	for (unsigned i = 0; i < e->cycle_length; i++)
		if (e->cycle[i]->from.kind == LOCK_HARDIRQ ||
		    e->cycle[i]->from.kind == LOCK_SOFTIRQ)
			return e->cycle[i];
	return NULL;
}

static void put_inconsistent(FILE *out, const struct finding *f, const struct evidence *e,
			     const struct lock_edge *inside)
{
	const struct lock_edge *outside = e->cycle[0] == inside ? e->cycle[1] : e->cycle[0];
	const char *irq = inside->from.kind == LOCK_HARDIRQ ? "HARDIRQ" : "SOFTIRQ";
	char *name = lock_class_name(&inside->to);

	put_heading(out, "WARNING: inconsistent lock state");
	fprintf(out,
		"inconsistent {%s-ON-%c} -> {IN-%s-%c} usage.\n"
		"%s/%d [HC%u[%u]:SC%u[%u]:HE%u:SE%u] takes:\n%016" PRIx64
		" (%s){?...}-{2:2}\n{%s-ON-%c} state was registered at:\n",
		irq, outside->from_read ? 'R' : 'W', irq, inside->to_read ? 'R' : 'W', e->comm,
		e->pid, (e->context.preempt_count & HARDIRQ_MASK) != 0,
		(e->context.preempt_count & HARDIRQ_MASK) >> 16,
		(e->context.preempt_count & SOFTIRQ_MASK) != 0,
		(e->context.preempt_count & SOFTIRQ_MASK) >> 8, !e->context.irqs_disabled,
		!(e->context.preempt_count & SOFTIRQ_MASK), inside->to_lock, name, irq,
		outside->from_read ? 'R' : 'W');
	put_place(out, &outside->taken_at);
	fprintf(out,
		"\nother info that might help us debug this:\n Possible unsafe locking "
		"scenario:\n\n       CPU0\n       ----\n  lock(%s);\n  <Interrupt>\n    lock(%s);"
		"\n\n *** DEADLOCK ***\n\n",
		name, name);
	free(name);
	put_end(out, f, e);
}

static void put_scenario(FILE *out, const char *first, const char *second)
{
	fprintf(out,
		"\nother info that might help us debug this:\n\n Possible unsafe locking "
		"scenario:\n\n       CPU0                    CPU1\n       ----                    "
		"----\n  lock(%s);\n                               lock(%s);\n                     "
		"          lock(%s);\n  lock(%s);\n\n *** DEADLOCK ***\n\n",
		first, second, first, second);
}

/* The edge that closed the cycle is the first: `to` is wanted under `from`. */
static void put_circular(FILE *out, const struct finding *f, const struct evidence *e,
			 const struct lock_edge *inside)
{
	const struct lock_edge *closing = e->cycle[0];
	char *wanted = lock_class_name(&closing->to), *held = lock_class_name(&closing->from);
	char title[96];

	snprintf(title, sizeof(title), "WARNING: %s",
		 !inside ? "possible circular locking dependency detected"
		 : inside->from.kind == LOCK_HARDIRQ
			 ? "HARDIRQ-safe -> HARDIRQ-unsafe lock order detected"
			 : "SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected");
	put_heading(out, title);
	fprintf(out,
		"%s/%d is trying to acquire lock:\n%016" PRIx64
		" (%s){+.+.}-{%u:%u}\n\nbut task is already holding lock:\n%016" PRIx64
		" (%s){+.+.}-{%u:%u}\n\nwhich lock already depends on the new lock.\n\n\nthe "
		"existing dependency chain (in reverse order) is:\n",
		e->comm, e->pid, closing->to_lock, wanted, wait_type(closing->to.kind),
		wait_type(closing->to.kind), closing->from_lock, held,
		wait_type(closing->from.kind), wait_type(closing->from.kind));
	for (unsigned i = e->cycle_length; i-- > 0;) {
		char *name = lock_class_name(&e->cycle[i]->to);

		fprintf(out, "\n-> #%u (%s){+.+.}-{%u:%u}:\n", i, name,
			wait_type(e->cycle[i]->to.kind), wait_type(e->cycle[i]->to.kind));
		put_place(out, &e->cycle[i]->taken_at);
		free(name);
	}
	put_scenario(out, held, wanted);
	free(wanted);
	free(held);
	put_end(out, f, e);
}

static void put_order(FILE *out, const struct finding *f, const struct evidence *e)
{
	const struct lock_edge *inside = through(e);

	if (inside && e->cycle_length == 2)
		put_inconsistent(out, f, e, inside);
	else
		put_circular(out, f, e, inside);
}

void splat_fill(struct finding *f, const struct evidence *e)
{
	static void (*const put[])(FILE *, const struct finding *, const struct evidence *) = {
		[SPLAT_SLEEP] = put_sleep,
		[SPLAT_SCHEDULE] = put_schedule,
		[SPLAT_NOT_RUNNING] = put_not_running,
		[SPLAT_UNLOCK] = put_unlock,
		[SPLAT_AT_END] = put_at_end,
		[SPLAT_RECURSIVE] = put_recursive,
		[SPLAT_FREED] = put_freed,
		[SPLAT_ORDER] = put_order,
	};
	size_t size;
	FILE *out = open_memstream(&f->kernel_report, &size);

	if (!out)
		out_of_host_memory(0);
	put[e->splat](out, f, e);
	fclose(out);
	/* Lines are joined, not ended, by newlines. */
	if (size && f->kernel_report[size - 1] == '\n')
		f->kernel_report[size - 1] = '\0';
}
