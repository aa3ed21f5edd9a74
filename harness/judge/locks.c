// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks by themselves, and those that are held (locks.h); their order is in lock_order.c.
 *
 * The rules about the interrupt flag, for a spinning lock that the driver releases:
 *
 *	on again too early	spin_unlock_irq(), or flags that enable, while another lock is held that had to
 *				disable interrupts itself: its critical section goes on with interrupts enabled
 *	on already		spin_unlock_irqrestore() with interrupts enabled: somebody in between enabled them (the
 *				kernel: "raw_local_irq_restore() called with IRQs enabled")
 *	other flags		spin_unlock_irqrestore() with flags that are not those that this lock's spin_lock_irqsave() gave:
 *				one variable for two locks. Two locks that are released with each other's flags
 *				(hand over hand) are in order: they swap what they saved.
 *
 * Only the driver's own calls are judged: the kernel's are correct, and often seen only in part.
 */
#include "locks.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include "../../allocator/page/shrinker.h"
#include "../trace/depot.h"
#include "../trace/run_state.h"
#include "evidence.h"
#include "lock_order.h"

/* preempt_count, include/linux/preempt.h of 6.1. */
#define SOFTIRQ_MASK   0x0000ff00u
#define SOFTIRQ_OFFSET 0x00000100u
#define HARDIRQ_MASK   0x000f0000u

static unsigned nobody(struct lock_held *out, unsigned max)
{
	return 0;
}

static bool nowhere(uint64_t addr)
{
	return false;
}

static const uint32_t none;
struct lock_eyes locks_eyes = {.held = nobody, .count = &none, .on_stack = nowhere};

/* The lock under which interrupts were enabled too early: that its own release finds them so is told already. */
static RUN_STATE uint64_t told_early;
/* Shrinkers that run. */
static RUN_STATE unsigned shrinkers;
/* The lock that a task waits for when the world ends: for the report of that death. */
static RUN_STATE struct {
	bool is_set;
	struct lock_held wanted, held;
} blocks;

void locks_attach(const struct lock_eyes *eyes)
{
	locks_eyes = *eyes;
	if (!locks_eyes.held)
		locks_eyes.held = nobody;
	if (!locks_eyes.count)
		locks_eyes.count = &none;
	if (!locks_eyes.on_stack)
		locks_eyes.on_stack = nowhere;
}

void locks_begin(void)
{
	shrinkers = 0;
	told_early = 0;
	blocks.is_set = false;
	lock_order_begin();
}

unsigned locks_held(struct lock_held *out, unsigned max)
{
	return *locks_eyes.count ? locks_eyes.held(out, max) : 0;
}

bool locks_inside(uint64_t addr, uint64_t size, struct lock_held *out)
{
	struct lock_held held[LOCKS_TOLD];
	unsigned n = locks_held(held, LOCKS_TOLD);

	n = n < LOCKS_TOLD ? n : LOCKS_TOLD;
	for (unsigned i = 0; i < n; i++) {
		if (!held[i].lock || held[i].lock - addr >= size || held[i].kind == LOCK_SEMAPHORE)
			continue;
		*out = held[i];
		return true;
	}
	return false;
}

/* ---- evidence ---- */

static void tell(struct evidence *e, const struct lock_held *lock, enum lock_role role)
{
	struct lock_told *told = &e->locks[e->lock_count];

	if (e->lock_count == LOCKS_TOLD)
		return;
	e->lock_count++;
	*told = (struct lock_told){.lock = *lock, .role = role};
	told->class.kind = lock->kind;
	if (lock->kind != LOCK_RCU)
		told->class = lock_class_of(lock->lock, lock->kind);
}

void locks_tell_held(struct evidence *e)
{
	struct lock_held held[LOCKS_TOLD];
	unsigned n = locks_held(held, LOCKS_TOLD);

	e->held_count = n < UINT8_MAX ? (uint8_t)n : UINT8_MAX;
	for (unsigned i = 0; i < n && i < LOCKS_TOLD; i++)
		tell(e, &held[i], LOCK_ROLE_HELD);
}

void locks_tell_task(struct evidence *e)
{
	struct trace_task task = {.comm = "swapper"};

	if (locks_eyes.task)
		locks_eyes.task(&task);
	e->pid = task.pid;
	memcpy(e->comm, task.comm, sizeof(e->comm));
	if (judge.attached)
		judge.eyes.context(&e->context);
}

/* The lock itself first, then those that are held. */
static struct evidence *lock_evidence_at(uint32_t stack, enum finding_kind kind, enum splat splat,
					 const struct lock_held *wanted,
					 const struct lock_held *held, uint64_t salt,
					 const char *what)
{
	struct evidence *e = evidence_add(EVIDENCE_LOCK, kind, stack, salt);

	if (!e)
		return NULL;
	snprintf(e->what, sizeof(e->what), "%s", what);
	e->splat = splat;
	if (wanted)
		tell(e, wanted, LOCK_ROLE_WANTED);
	if (held)
		tell(e, held, LOCK_ROLE_HOLDER);
	locks_tell_task(e);
	locks_tell_held(e);
	evidence_noted(e);
	return e;
}

static struct evidence *lock_evidence(enum finding_kind kind, enum splat splat,
				      const struct lock_held *wanted, const struct lock_held *held,
				      uint64_t salt, const char *what)
{
	return lock_evidence_at(judge.eyes.caller().stack, kind, splat, wanted, held, salt, what);
}

/* ---- wrong by itself ---- */

static const struct {
	enum finding_kind kind;
	enum splat splat;
	/* %N: the lock's name; %K: its kind; %T: where it was taken. */
	const char *what;
} wrongs[] = {
	[LOCK_NOT_HELD] = {FINDING_CONTEXT, SPLAT_UNLOCK,
			   "%K %N is released (unlock), but nobody holds it"},
	[LOCK_OTHER_TASK] = {FINDING_CONTEXT, SPLAT_UNLOCK,
			     "%K %N is released (unlock) by a task that does not hold it: another "
			     "took it%T"},
	[LOCK_UNINITIALISED] = {FINDING_CONTEXT, SPLAT_NONE,
				"%K %N is used, but there is no lock there: it was never "
				"initialised, or its memory was freed"},
	[LOCK_AT_END] = {FINDING_LOCK_IMBALANCE, SPLAT_AT_END,
			 "a work function or kernel thread has ended with %K %N held%T: nobody "
			 "will ever release it"},
	[LOCK_READ_AGAIN] = {FINDING_LOCK_ORDER, SPLAT_RECURSIVE,
			     "possible recursive locking: %K %N is taken for reading by a task "
			     "that reads already%T; a writer that comes in between waits for the "
			     "first, and the second for the writer"},
	[LOCK_DESTROYED] = {FINDING_CONTEXT, SPLAT_NONE, "%K %N is destroyed while it is held%T"},
};

void locks_wrong(enum lock_wrong what, const struct lock_held *wanted, const struct lock_held *held)
{
	if (!judge.running)
		return;
	if (what != LOCK_BLOCKS) {
		lock_evidence(wrongs[what].kind, wrongs[what].splat, wanted, held, what + 1,
			      wrongs[what].what);
		return;
	}
	blocks.is_set = true;
	blocks.wanted = *wanted;
	blocks.held = held ? *held : (struct lock_held){.lock = 0};
}

void locks_explain_death(struct evidence *e)
{
	size_t used = strlen(e->what);

	locks_tell_task(e);
	if (blocks.is_set) {
		e->form = EVIDENCE_LOCK;
		tell(e, &blocks.wanted, LOCK_ROLE_WANTED);
		if (blocks.held.lock)
			tell(e, &blocks.held, LOCK_ROLE_HOLDER);
		snprintf(e->what + used, sizeof(e->what) - used, ": %%K %%N%s",
			 blocks.held.lock ? ", held%T" : "");
		e->splat = blocks.held.lock ? SPLAT_RECURSIVE : SPLAT_NONE;
	}
	locks_tell_held(e);
}

/* Must an operation not come back with it? What spins, and RCU, is in the context already. */
static bool must_be_given_back(const struct lock_held *held)
{
	return held->kind > LOCK_RWLOCK && held->kind != LOCK_RCU && held->kind != LOCK_SEMAPHORE;
}

/* The newest, which shows the way to the others: they go with it. */
bool judge_check_held(const char *operation)
{
	struct lock_held held[LOCKS_TOLD];
	unsigned n = locks_held(held, LOCKS_TOLD), i = n < LOCKS_TOLD ? n : LOCKS_TOLD;
	char what[160];

	while (i && !must_be_given_back(&held[i - 1]))
		i--;
	if (!i)
		return true;
	snprintf(what, sizeof(what), "%s returned with %%K %%N held%%T", operation);
	if (judge.running)
		lock_evidence_at(0, FINDING_LOCK_IMBALANCE, SPLAT_AT_END, NULL, &held[i - 1],
				 XXH64(what, strlen(what), held[i - 1].caller), what);
	return false;
}

void locks_freed(const struct kf_object *obj, uint32_t stack)
{
	struct lock_held held;
	struct evidence *e;

	if (obj->kind == KF_CACHE || obj->kind == KF_PERCPU || obj->kind == KF_VMAP ||
	    !locks_inside((uint64_t)obj->addr, obj->size, &held))
		return;
	if (!(held.flags & LOCK_DRIVER) && !judge.eyes.caller().on_behalf)
		return;
	e = lock_evidence(FINDING_CONTEXT, SPLAT_FREED, NULL, &held, 0x66726565,
			  "held lock freed: %K %N lies in memory that is freed while it is held%T");
	if (!e)
		return;
	e->freed_addr = (uint64_t)obj->addr;
	e->freed_size = obj->size;
}

/* ---- interrupts ---- */

uint64_t locks_releases(const struct lock_held *lock, enum lock_release how, bool irqs_on)
{
	struct lock_held held[LOCKS_TOLD];
	struct lock_release_fault fault;
	unsigned n;

	if (!judge.running)
		return 0;
	n = locks_held(held, LOCKS_TOLD);
	fault = lock_check_release(lock, how, irqs_on, held, n < LOCKS_TOLD ? n : LOCKS_TOLD);
	if (!fault.what || (fault.is_late && told_early == lock->lock))
		return fault.heir;
	if (fault.other)
		told_early = fault.other->lock;
	lock_evidence(FINDING_CONTEXT, SPLAT_NONE, lock, fault.other, fault.salt, fault.what);
	return 0;
}

/* ---- order ---- */

void locks_taken(const struct lock_held *taken)
{
	struct lock_held held[LOCKS_TOLD];
	struct target_context c;
	unsigned n;

	if (!judge.running)
		return;
	n = locks_held(held, LOCKS_TOLD);
	if (!n || n > LOCKS_TOLD) /* too deep to be looked at */
		return;
	judge.eyes.context(&c);
	if ((shrinkers || kf_shrinkers_busy()) && taken->flags & LOCK_DRIVER)
		lock_order_in_reclaim(taken);
	lock_order_taken(taken, held, n - 1, c.preempt_count & HARDIRQ_MASK,
			 c.preempt_count & SOFTIRQ_OFFSET, !(c.preempt_count & SOFTIRQ_MASK));
}

static void waits_under_locks(const struct lock_class *what)
{
	struct lock_held held[LOCKS_TOLD];
	unsigned n = locks_held(held, LOCKS_TOLD);

	if (n && n <= LOCKS_TOLD)
		lock_order_waits(what, held, n);
}

void locks_srcu_waits(uint64_t srcu, uint64_t caller)
{
	struct lock_class class;

	if (!judge.running)
		return;
	class = lock_class_of(srcu, LOCK_SRCU);
	waits_under_locks(&class);
}

void locks_allocates(void)
{
	struct lock_class class;

	if (locks_eyes.may_reclaim && !locks_eyes.may_reclaim())
		return;
	class = lock_class_of_context(LOCK_RECLAIM);
	waits_under_locks(&class);
}

void locks_shrinker(bool runs)
{
	if (runs)
		shrinkers++;
	else if (shrinkers)
		shrinkers--;
}
