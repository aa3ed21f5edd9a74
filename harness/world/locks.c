// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between the layer's table of held locks (override/held.h), which is world memory, and the judge of locks
 * (../judge/locks.h), which knows no world. The table is read in place, in the context of whoever asks.
 *
 * Where the driver took a lock is kept as a stack. To walk the same few stacks in every run again would cost more than
 * the locks themselves, so a stack that was walked is known again by its call and its stack pointer, and checked: all its
 * return addresses must still stand where they stood.
 */
#include <stdlib.h>
#include "../judge/locks.h"
#include "../sweep/target.h"
#include "../trace/depot.h"
#include "judged.h"
#include "override/held.h"
#include "world_internal.h"

#define KNOWN_STACKS 256 /* a power of two */
#define KNOWN_FRAMES 24
#define REACH	     1024 /* words of stack that are searched for a frame's return address */

_Static_assert((int)KF_LOCK_SEMAPHORE == (int)LOCK_SEMAPHORE, "the layer's kinds are the judge's");
_Static_assert((int)KF_WRONG_BLOCKS == (int)LOCK_BLOCKS, "the layer's faults are the judge's");
_Static_assert((int)KF_RELEASE_RESTORE_ON == (int)LOCK_RESTORE_ON, "and so are its releases");
_Static_assert((int)KF_HELD_UNORDERED == (int)LOCK_UNORDERED, "and its flags");

uint32_t host_lock_taken(const struct kf_held *held);
unsigned long host_lock_releases(const struct kf_held *held, unsigned how);
void host_lock_wrong(unsigned what, unsigned long lock, unsigned kind, unsigned long caller,
		     const struct kf_held *held);
void host_srcu_waits(unsigned long srcu, unsigned long caller);

static struct kf_lock_table *table;
static uint64_t (*running_task)(void);

/* The bits of the preempt count that tell one interrupt's context from another's. */
#define CONTEXT_BITS 0x00ff0100u

static struct lock_held from_layer(const struct kf_held *held, uint32_t context)
{
	bool outside = (held->context & CONTEXT_BITS) != (context & CONTEXT_BITS);

	return (struct lock_held){
		.lock = held->lock,
		.caller = held->caller,
		.stack = held->stack,
		.kind = held->kind,
		.flags = (uint8_t)(held->flags | (outside ? LOCK_OUTSIDE : 0)),
	};
}

static unsigned held_by_task(struct lock_held *out, unsigned max)
{
	uint64_t task = running_task();
	struct target_context now;
	unsigned n = 0;

	world_context(&now);
	for (unsigned i = 0; i < table->count; i++) {
		if (table->held[i].task != task)
			continue;
		if (n < max)
			out[n] = from_layer(&table->held[i], now.preempt_count);
		n++;
	}
	return n;
}

/* ---- where a lock is taken ---- */

static struct known_stack {
	uint64_t caller, sp;
	uint32_t stack, frames;
	uint64_t pcs[KNOWN_FRAMES];
	uint16_t at[KNOWN_FRAMES]; /* word on the stack, counted from sp */
} known_stacks[KNOWN_STACKS];

static bool still_there(const struct known_stack *known, uint64_t caller, uint64_t sp)
{
	const uint64_t *words = (const uint64_t *)sp;

	if (known->caller != caller || known->sp != sp)
		return false;
	for (uint32_t i = 0; i < known->frames; i++)
		if (words[known->at[i]] != known->pcs[i])
			return false;
	return true;
}

/* Find each return address above the one before. A stack that cannot be checked so is walked each time. */
static void remember(struct known_stack *known, uint64_t caller, uint64_t sp, uint32_t stack)
{
	const uint64_t *words = (const uint64_t *)sp, *pcs;
	uint64_t limit = (stack_limit(sp) - sp) / sizeof(*words);
	unsigned n = depot_get(stack, &pcs), word = 0;

	known->caller = 0;
	if (!n || n > KNOWN_FRAMES)
		return;
	limit = limit < REACH ? limit : REACH;
	for (unsigned i = 0; i < n; i++, word++) {
		while (word < limit && words[word] != pcs[i])
			word++;
		if (word == limit)
			return;
		known->pcs[i] = pcs[i];
		known->at[i] = (uint16_t)word;
	}
	known->frames = n;
	known->stack = stack;
	known->sp = sp;
	known->caller = caller;
}

/* The stack from the driver's call on, without the functions of the layer that it went through. */
static uint32_t from_call(uint32_t stack, uint64_t caller)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 1; i < n; i++)
		if (pcs[i] == caller)
			return depot_save(pcs + i, n - i);
	return stack;
}

static uint32_t stack_of(uint64_t caller)
{
	uint64_t sp = kernel_hook_sp() + 16;
	struct known_stack *known = &known_stacks[(caller * 31 + (sp >> 3)) & (KNOWN_STACKS - 1)];
	uint32_t stack;

	if (still_there(known, caller, sp))
		return known->stack;
	stack = from_call(judged.target.caller().stack, caller);
	remember(known, caller, sp, stack);
	return stack;
}

/* ---- what the layer tells ---- */

uint32_t host_lock_taken(const struct kf_held *held)
{
	struct target_context now;
	struct lock_held taken;

	world_context(&now);
	taken = from_layer(held, now.preempt_count);
	taken.flags &= (uint8_t)~LOCK_OUTSIDE;
	if (held->flags & KF_HELD_DRIVER)
		taken.stack = stack_of(held->caller);
	locks_taken(&taken);
	return taken.stack;
}

unsigned long host_lock_releases(const struct kf_held *held, unsigned how)
{
	struct target_context now;
	struct lock_held lock;

	world_context(&now);
	lock = from_layer(held, now.preempt_count);
	return locks_releases(&lock, (enum lock_release)how, !now.irqs_disabled);
}

void host_lock_wrong(unsigned what, unsigned long lock, unsigned kind, unsigned long caller,
		     const struct kf_held *held)
{
	struct lock_held wanted = {.lock = lock, .caller = caller, .kind = (uint8_t)kind}, as_held;

	if (held)
		as_held = from_layer(held, held->context);
	locks_wrong((enum lock_wrong)what, &wanted, held ? &as_held : NULL);
}

void host_srcu_waits(unsigned long srcu, unsigned long caller)
{
	locks_srcu_waits(srcu, caller);
}

/* ---- for the target ---- */

static bool may_reclaim(void)
{
	return !(kf_hooks.task() & (KF_TASK_MEMALLOC | KF_TASK_NOFS | KF_TASK_NOIO));
}

void world_locks_watch(const struct kf_module_info *info)
{
	struct lock_eyes eyes = {
		.held = held_by_task,
		.task = world_task,
		.on_stack = on_kernel_stacks,
		.may_reclaim = may_reclaim,
	};

	table = (struct kf_lock_table *)overlay_symbol("kf_locks");
	running_task = (uint64_t(*)(void))overlay_symbol("kf_current");
	table->driver_code[0].start = info->core;
	table->driver_code[0].size = info->core_size;
	table->driver_code[1].start = info->init;
	table->driver_code[1].size = info->init_size;
	eyes.count = &table->count;
	locks_attach(&eyes);
}
