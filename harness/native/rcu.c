// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU for one CPU. A read-side section is a depth; a grace period ends whenever the depth is zero,
 * so all callbacks that are queued may run then. They are queued through their own rcu_head, as in
 * the kernel, and run in softirq context: when somebody waits for a grace period, sleeps, or
 * settles the run.
 *
 * A callback whose value is below 4096 is the offset of the head in an object that is only to be
 * freed.
 */
#include "world.h"

#include "include/linux/rcupdate.h"
#include "include/linux/slab.h"

#define OFFSET_MAX 4096

NATIVE_API void rcu_read_lock(void)
{
	native_enter();
	native_state.rcu_depth++;
}

NATIVE_API void rcu_read_unlock(void)
{
	if (likely(native_state.rcu_depth))
		native_state.rcu_depth--;
	else
		judge_context("rcu_read_unlock() without rcu_read_lock()");
}

NATIVE_API bool rcu_read_lock_held(void)
{
	return native_state.rcu_depth > 0;
}

static void append(struct rcu_head *head, rcu_callback_t func)
{
	struct rcu_head *last = native_state.rcu_last;

	native_enter();
	head->func = func;
	head->next = NULL;
	if (last)
		last->next = head;
	else
		native_state.rcu_first = head;
	native_state.rcu_last = head;
	native_state.rcu_count++;
}

NATIVE_API void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	append(head, func);
}

/* The hook `defer`: the allocators lend a head, as they promise. */
void native_defer(void (*fn)(void *), void *arg)
{
	append(arg, (rcu_callback_t)fn);
}

/* Only a head that looks as if it were in the queue is looked for. */
static bool is_queued(const struct rcu_head *head, unsigned long offset)
{
	const struct rcu_head *at = native_state.rcu_first;

	if ((unsigned long)head->func != offset || (!head->next && native_state.rcu_last != head))
		return false;
	while (at && at != head)
		at = at->next;
	return at != NULL;
}

NATIVE_API void native_kvfree_call_rcu(struct rcu_head *head, unsigned long offset)
{
	if (is_queued(head, offset)) {
		judge_warning("kvfree_call_rcu(): Double-freed call: the object is queued already");
		return;
	}
	append(head, (rcu_callback_t)offset);
}

static void call(struct rcu_head *head)
{
	rcu_callback_t func = head->func;

	if ((unsigned long)func < OFFSET_MAX)
		kvfree((char *)head - (unsigned long)func);
	else
		func(head);
}

bool native_rcu_inside(uint64_t addr, uint64_t size, struct active_inside *out)
{
	for (const struct rcu_head *head = native_state.rcu_first; head; head = head->next) {
		uint64_t offset = (uint64_t)head - addr, function = (uint64_t)head->func;

		if (offset >= size)
			continue;
		*out = (struct active_inside){"rcu_head", offset,
					      function < OFFSET_MAX ? 0 : function};
		return true;
	}
	return false;
}

/* In a kernel, a callback of a module that is gone would jump into freed memory. */
static void check_owner(const struct rcu_head *head)
{
	char name[80];

	if (native_state.gone && native_in_module((uint64_t)head->func))
		judge_note(FINDING_RESOURCE_LEAK,
			   "an RCU callback, %s(), is still queued when the module is gone: "
			   "rcu_barrier() is missing",
			   native_symbol((uint64_t)head->func, name, sizeof(name)));
}

unsigned int native_run_rcu(void)
{
	struct rcu_head *head = native_state.rcu_first;
	uint64_t count = native_state.rcu_count;
	struct target_context before;
	unsigned int ran = 0;

	if (!count || native_state.rcu_depth)
		return 0;
	native_state.rcu_first = native_state.rcu_last = NULL;
	native_state.rcu_count = 0;
	native_context(&before);
	native_state.preempt_count = SOFTIRQ_OFFSET;
	native_state.irqs_disabled = false;
	for (; head && count; count--) {
		struct rcu_head *next = head->next;

		check_owner(head);
		call(head);
		ran++;
		head = next;
	}
	native_state.preempt_count = before.preempt_count;
	native_state.irqs_disabled = before.irqs_disabled;
	return ran;
}

static void grace_period(const char *what)
{
	native_may_block(what);
	if (native_state.rcu_depth)
		native_die(DEATH_DEADLOCK, "deadlock: %s() inside an RCU read-side section", what);
	native_run_rcu();
}

NATIVE_API void synchronize_rcu(void)
{
	grace_period("synchronize_rcu");
}

NATIVE_API void rcu_barrier(void)
{
	grace_period("rcu_barrier");
	while (native_run_rcu())
		;
}

NATIVE_API void native_kvfree_mightsleep(void *ptr)
{
	grace_period("kvfree_rcu_mightsleep");
	kvfree(ptr);
}
