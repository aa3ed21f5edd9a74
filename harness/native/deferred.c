// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things that are called later: works, timers, tasklets. All that are pending stand in one table of
 * native_state, in the order of queueing. They run when the driver waits, sleeps or flushes, and
 * when a run is settled; works in process context, timers and tasklets in softirq context. The
 * order is always the same: what is due earliest, and of those the one that was queued first.
 *
 * Once the module is gone (its exit is done, or its init failed), its functions must not be called.
 * What is still pending then stays in the table, where native_registered() shows it: in a kernel it
 * would jump into freed memory.
 */
#include "world.h"

#include "include/linux/interrupt.h"
#include "include/linux/slab.h"
#include "include/linux/workqueue.h"

#define WORK_PENDING 1

struct workqueue_struct {
	char name[24];
};
static struct workqueue_struct system_queue = {.name = "events"};

NATIVE_API struct workqueue_struct *native_system_wq(void)
{
	return &system_queue;
}

/* ---- the table ---- */

static void pending_add(enum native_deferred_kind kind, void *object, void *queue, uint64_t when,
			uint64_t caller)
{
	if (native_state.deferred_count == NATIVE_DEFERRED_MAX)
		native_die(DEATH_NOT_JUDGED, "more than %d works and timers are pending",
			   NATIVE_DEFERRED_MAX);
	native_state.deferred[native_state.deferred_count++] =
		(struct native_deferred){when, caller, object, queue, kind};
}

static struct native_deferred *pending_find(const void *object)
{
	for (uint32_t i = 0; i < native_state.deferred_count; i++)
		if (native_state.deferred[i].object == object)
			return &native_state.deferred[i];
	return NULL;
}

static void pending_remove(struct native_deferred *d)
{
	uint32_t i = (uint32_t)(d - native_state.deferred);

	native_state.deferred_count--;
	for (; i < native_state.deferred_count; i++)
		native_state.deferred[i] = native_state.deferred[i + 1];
	native_state.deferred[native_state.deferred_count] = (struct native_deferred){0};
}

static uint64_t function_of(const struct native_deferred *d)
{
	switch (d->kind) {
	case DEFERRED_WORK:
		return (uint64_t)((struct work_struct *)d->object)->func;
	case DEFERRED_TIMER:
		return (uint64_t)((struct timer_list *)d->object)->function;
	default:
		return (uint64_t)((struct tasklet_struct *)d->object)->func;
	}
}

static const char *kind_name(const struct native_deferred *d)
{
	static const char *const names[] = {"nothing", "work", "timer", "tasklet"};

	return names[d->kind];
}

static bool in_freed_memory(const struct native_deferred *d)
{
	struct kf_object object;

	return kf_object_at(d->object, &object) && !object.live;
}

static bool may_run(const struct native_deferred *d)
{
	if (d->kind == DEFERRED_TASKLET &&
	    atomic_read(&((struct tasklet_struct *)d->object)->count) > 0)
		return false;
	return !native_state.gone || !native_in_module(d->caller);
}

static uint64_t due_time(const struct native_deferred *d)
{
	return d->when ? d->when : native_now_jiffies();
}

static struct native_deferred *pending_first(void)
{
	struct native_deferred *first = NULL;

	for (uint32_t i = 0; i < native_state.deferred_count; i++) {
		struct native_deferred *d = &native_state.deferred[i];

		if (may_run(d) && (!first || time_before(due_time(d), due_time(first))))
			first = d;
	}
	return first;
}

bool native_next_due(uint64_t *when)
{
	struct native_deferred *d = pending_first();

	if (d)
		*when = due_time(d);
	return d;
}

/* ---- calling ---- */

static void call_work(struct work_struct *work)
{
	work->data.counter &= ~(s64)WORK_PENDING;
	work->func(work);
}

static void call_timer(struct timer_list *timer)
{
	timer->entry.pprev = NULL;
	timer->function(timer);
}

static void call_tasklet(struct tasklet_struct *t)
{
	t->state &= ~1ul;
	if (t->use_callback)
		t->callback(t);
	else
		t->func(t->data);
}

static void call(const struct native_deferred *d)
{
	if (d->kind == DEFERRED_WORK)
		call_work(d->object);
	else if (d->kind == DEFERRED_TIMER)
		call_timer(d->object);
	else
		call_tasklet(d->object);
}

static void check_context_after(const char *kind, uint64_t function,
				const struct target_context *before)
{
	struct target_context after;
	char text[200], name[80];

	native_context(&after);
	if (after.preempt_count == before->preempt_count &&
	    after.irqs_disabled == before->irqs_disabled && after.rcu_depth == before->rcu_depth)
		return;
	scnprintf(text, sizeof(text),
		  "%s function %s came back in another context: "
		  "preempt_count 0x%x, interrupts %s, RCU depth %u",
		  kind, native_symbol(function, name, sizeof(name)), after.preempt_count,
		  after.irqs_disabled ? "off" : "on", after.rcu_depth);
	judge_context(text);
}

static void run(struct native_deferred *entry, bool awaited)
{
	struct native_deferred d = *entry;
	struct native_state *s = &native_state;
	struct target_context before;
	uint64_t function;

	pending_remove(entry);
	if (in_freed_memory(&d)) /* told when it was freed (native_active()) */
		return;
	if (s->depth == 31)
		native_die(DEATH_NOT_JUDGED, "works and timers are nested 31 deep");
	native_context(&before);
	function = function_of(&d);
	s->preempt_count = d.kind == DEFERRED_WORK ? 0 : SOFTIRQ_OFFSET;
	s->irqs_disabled = false;
	s->rcu_depth = 0;
	if (awaited)
		s->awaited |= 1u << s->depth;
	s->depth++;
	call(&d);
	s->depth--;
	s->awaited &= ~(1u << s->depth);
	check_context_after(
		kind_name(&d), function,
		&(struct target_context){d.kind == DEFERRED_WORK ? 0 : SOFTIRQ_OFFSET, false, 0});
	s->preempt_count = before.preempt_count;
	s->irqs_disabled = before.irqs_disabled;
	s->rcu_depth = before.rcu_depth;
}

bool native_run_due(void)
{
	struct native_deferred *d = pending_first();

	if (!d || time_after(due_time(d), native_now_jiffies()))
		return false;
	run(d, false);
	return true;
}

/* ---- works ---- */

NATIVE_API struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
						    int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	native_may_sleep("alloc_workqueue");
	/* 320 bytes in 6.1, and its two further allocations are one request here. */
	wq = kf_kmalloc(320, KF_GFP_KERNEL | KF_GFP_ZERO);
	if (!wq)
		return NULL;
	va_start(args, max_active);
	native_vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	return wq;
}

static bool queue(struct workqueue_struct *wq, struct work_struct *work, uint64_t when,
		  uint64_t caller)
{
	native_enter();
	if (work->data.counter & WORK_PENDING)
		return false;
	if (unlikely(!work->func)) {
		judge_warning("a work is queued that was never initialised");
		return false;
	}
	work->data.counter |= WORK_PENDING;
	pending_add(DEFERRED_WORK, work, wq, when, caller);
	return true;
}

static bool cancel(struct work_struct *work)
{
	struct native_deferred *d = pending_find(work);

	native_enter();
	if (!d)
		return false;
	pending_remove(d);
	work->data.counter &= ~(s64)WORK_PENDING;
	return true;
}

NATIVE_API bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue(wq, work, 0, NATIVE_CALLER());
}

NATIVE_API bool schedule_work(struct work_struct *work)
{
	return queue(&system_queue, work, 0, NATIVE_CALLER());
}

static uint64_t after(unsigned long delay)
{
	return delay ? native_now_jiffies() + delay : 0;
}

NATIVE_API bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				   unsigned long delay)
{
	return queue(wq, &dwork->work, after(delay), NATIVE_CALLER());
}

NATIVE_API bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return queue(&system_queue, &dwork->work, after(delay), NATIVE_CALLER());
}

NATIVE_API bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				 unsigned long delay)
{
	bool was = cancel(&dwork->work);

	queue(wq, &dwork->work, after(delay), NATIVE_CALLER());
	return was;
}

static bool flush(struct work_struct *work, const char *what)
{
	struct native_deferred *d;
	bool ran = false;

	native_may_sleep(what);
	if ((d = pending_find(work))) {
		run(d, true);
		ran = true;
	}
	return ran;
}

NATIVE_API bool flush_work(struct work_struct *work)
{
	return flush(work, "flush_work");
}

NATIVE_API bool flush_delayed_work(struct delayed_work *dwork)
{
	return flush(&dwork->work, "flush_delayed_work");
}

NATIVE_API bool cancel_work(struct work_struct *work)
{
	return cancel(work);
}

NATIVE_API bool cancel_delayed_work(struct delayed_work *dwork)
{
	return cancel(&dwork->work);
}

NATIVE_API bool cancel_work_sync(struct work_struct *work)
{
	native_may_sleep("cancel_work_sync");
	return cancel(work);
}

NATIVE_API bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	native_may_sleep("cancel_delayed_work_sync");
	return cancel(&dwork->work);
}

/* Run the works of one queue that are due; those that queue themselves again run until the budget
 * is used. */
static void flush_queue(const struct workqueue_struct *wq, const char *what)
{
	native_may_sleep(what);
	for (unsigned int budget = 1000; budget; budget--) {
		struct native_deferred *due = NULL;

		for (uint32_t i = 0; i < native_state.deferred_count && !due; i++)
			if (native_state.deferred[i].queue == wq && !native_state.deferred[i].when)
				due = &native_state.deferred[i];
		if (!due)
			return;
		run(due, true);
	}
}

NATIVE_API void flush_workqueue(struct workqueue_struct *wq)
{
	flush_queue(wq, "flush_workqueue");
}

NATIVE_API void drain_workqueue(struct workqueue_struct *wq)
{
	flush_queue(wq, "drain_workqueue");
}

NATIVE_API void flush_scheduled_work(void)
{
	flush_queue(&system_queue, "flush_scheduled_work");
}

/* A delayed work that is still pending is the kernel's WARN "destroy_workqueue: ... has the
 * following busy pwq". */
NATIVE_API void destroy_workqueue(struct workqueue_struct *wq)
{
	flush_queue(wq, "destroy_workqueue");
	for (uint32_t i = 0; i < native_state.deferred_count; i++)
		if (native_state.deferred[i].queue == wq) {
			judge_warning("destroy_workqueue() while a delayed work of it is pending");
			break;
		}
	kf_kfree(wq);
}

/* ---- timers ---- */

NATIVE_API void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
			    unsigned int flags)
{
	timer->entry.pprev = NULL;
	timer->expires = 0;
	timer->function = function;
	timer->flags = flags;
}

static int modify(struct timer_list *timer, unsigned long expires, uint64_t caller)
{
	struct native_deferred *d = pending_find(timer);

	native_enter();
	if (unlikely(!timer->function)) {
		judge_warning("a timer is started that has no function");
		return 0;
	}
	if (d)
		pending_remove(d);
	timer->expires = expires;
	timer->entry.pprev = &timer->entry.next;
	pending_add(DEFERRED_TIMER, timer, NULL, expires ? expires : 1, caller);
	return d != NULL;
}

NATIVE_API void add_timer(struct timer_list *timer)
{
	if (timer_pending(timer))
		native_die(DEATH_BUG, "kernel BUG: add_timer() of a timer that is pending");
	modify(timer, timer->expires, NATIVE_CALLER());
}

NATIVE_API int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return modify(timer, expires, NATIVE_CALLER());
}

NATIVE_API int del_timer(struct timer_list *timer)
{
	struct native_deferred *d = pending_find(timer);

	native_enter();
	timer->entry.pprev = NULL;
	if (d)
		pending_remove(d);
	return d != NULL;
}

NATIVE_API int del_timer_sync(struct timer_list *timer)
{
	if (unlikely(in_hardirq() && !(timer->flags & TIMER_IRQSAFE)))
		judge_warning("del_timer_sync() in a hard interrupt");
	return del_timer(timer);
}

/* ---- tasklets ---- */

NATIVE_API void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *))
{
	*t = (struct tasklet_struct){.use_callback = true};
	t->callback = callback;
}

NATIVE_API void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long),
			     unsigned long data)
{
	*t = (struct tasklet_struct){.data = data};
	t->func = func;
}

NATIVE_API void tasklet_schedule(struct tasklet_struct *t)
{
	native_enter();
	if (t->state & 1)
		return;
	t->state |= 1;
	pending_add(DEFERRED_TASKLET, t, NULL, 0, NATIVE_CALLER());
}

NATIVE_API void tasklet_kill(struct tasklet_struct *t)
{
	struct native_deferred *d = pending_find(t);

	if (unlikely(in_interrupt()))
		judge_warning("tasklet_kill() in an interrupt");
	if (d && atomic_read(&t->count) > 0)
		native_die(DEATH_DEADLOCK, "deadlock: tasklet_kill() waits for a disabled tasklet");
	if (d)
		run(d, true);
}

/* ---- settling and reporting ---- */

/* A work may queue itself again: what is due after so many is for later. */
#define IDLE_MAX 1000

void native_idle(void)
{
	for (unsigned int i = 0; i < IDLE_MAX && native_run_due(); i++)
		;
	native_run_rcu();
}

#define SETTLE_NS (6ull * NSEC_PER_SEC)

uint64_t native_settle(void)
{
	uint64_t remain;

	native_sleep_until(native_state.now + SETTLE_NS);
	native_run_rcu();
	remain = native_state.rcu_count;
	for (uint32_t i = 0; i < native_state.deferred_count; i++)
		if (native_state.gone || !native_state.deferred[i].when)
			remain++;
	return remain;
}

bool native_active(uint64_t addr, uint64_t size, struct active_inside *out)
{
	static const char *const types[] = {"nothing", "work_struct", "timer_list", "tasklet"};

	for (uint32_t i = 0; i < native_state.deferred_count; i++) {
		const struct native_deferred *d = &native_state.deferred[i];
		uint64_t offset = (uint64_t)d->object - addr;

		if (offset >= size)
			continue;
		*out = (struct active_inside){types[d->kind], offset, function_of(d)};
		return true;
	}
	return native_rcu_inside(addr, size, out);
}

void native_pending(native_visit *fn, void *arg)
{
	for (uint32_t i = 0; i < native_state.deferred_count; i++) {
		const struct native_deferred *d = &native_state.deferred[i];
		char text[160], name[80];

		if (!native_in_module(d->caller) || in_freed_memory(d))
			continue;
		scnprintf(text, sizeof(text), "a pending %s that calls %s", kind_name(d),
			  native_symbol(function_of(d), name, sizeof(name)));
		fn((uint64_t)&d->caller, d->caller, text, arg);
	}
}
