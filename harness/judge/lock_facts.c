// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be said of locks without asking anybody: the names of their kinds, sentences, and what a release does wrong to interrupts. So
 * the library for programs says it too (harness/library/locks.c), which has no judge.
 */
#include <stdio.h>
#include <stdlib.h>
#include "../trace/util.h"
#include "locks.h"

static const char *const kind_names[LOCK_NR_KINDS] = {
	[LOCK_SPIN] = "spinlock",      [LOCK_RWLOCK] = "rwlock",
	[LOCK_MUTEX] = "mutex",	       [LOCK_RT_MUTEX] = "rt_mutex",
	[LOCK_RWSEM] = "rw_semaphore", [LOCK_RCU] = "RCU read-side section",
	[LOCK_SRCU] = "srcu_struct",   [LOCK_SEMAPHORE] = "semaphore",
	[LOCK_HARDIRQ] = "hardirq",    [LOCK_SOFTIRQ] = "softirq",
	[LOCK_RECLAIM] = "fs_reclaim",
};

const char *lock_kind_name(unsigned kind)
{
	return kind < LOCK_NR_KINDS ? kind_names[kind] : "lock";
}

char *lock_sentence(const char *template, const char *kind, const char *name, const char *taken)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		out_of_host_memory(0);
	for (const char *p = template; *p; p++) {
		if (*p != '%')
			fputc(*p, out);
		else if (*++p == 'N')
			fputs(name, out);
		else if (*p == 'K')
			fputs(kind, out);
		else if (*p == 'T')
			fputs(taken, out);
	}
	fclose(out);
	return text;
}

/* Another lock that is held and for which interrupts were disabled. */
static const struct lock_held *needs_irqs_off(const struct lock_held *held, unsigned n,
					      uint64_t lock)
{
	for (unsigned i = 0; i < n; i++)
		if (held[i].lock != lock && held[i].kind <= LOCK_RWLOCK &&
		    (held[i].flags & (LOCK_IRQ | LOCK_IRQS_WERE_ON)) ==
			    (LOCK_IRQ | LOCK_IRQS_WERE_ON))
			return &held[i];
	return NULL;
}

/* Another lock whose flags these would be. */
static uint64_t swapped_with(const struct lock_held *held, unsigned n, uint64_t lock, bool on)
{
	for (unsigned i = n; i-- > 0;)
		if (held[i].lock != lock && held[i].flags & LOCK_SAVED &&
		    !(held[i].flags & LOCK_IRQS_WERE_ON) == !on)
			return held[i].lock;
	return 0;
}

static struct lock_release_fault fault(uint64_t salt, const char *what)
{
	return (struct lock_release_fault){.what = what, .salt = salt};
}

static struct lock_release_fault wrong_flags(const struct lock_held *lock, bool enables,
					     const struct lock_held *held, unsigned n)
{
	uint64_t heir = swapped_with(held, n, lock->lock, enables);

	if (heir)
		return (struct lock_release_fault){.heir = heir};
	return fault(0x666c,
		     enables ? "wrong flags restored: releasing %K %N enables interrupts, which "
			       "were disabled when it was taken"
			     : "wrong flags restored: releasing %K %N leaves interrupts disabled, "
			       "which were enabled when it was taken");
}

struct lock_release_fault lock_check_release(const struct lock_held *lock, enum lock_release how,
					     bool irqs_on, const struct lock_held *held, unsigned n)
{
	bool restores = how != LOCK_RELEASE_IRQ, enables = how != LOCK_RESTORE_OFF;
	bool were_on = lock->flags & LOCK_IRQS_WERE_ON;
	struct lock_release_fault found;

	if (restores && irqs_on && lock->flags & LOCK_IRQ) {
		found = fault(0x6f6e, "raw_local_irq_restore() called with IRQs enabled: "
				      "interrupts were enabled while %K %N was held, which was "
				      "taken with them disabled");
		found.is_late = true;
		return found;
	}
	if (restores && lock->flags & LOCK_SAVED && enables != were_on)
		return wrong_flags(lock, enables, held, n);
	found = fault(0x6f66, "releasing %K %N enables interrupts while another lock is held that "
			      "was taken with them disabled%T");
	found.other = enables ? needs_irqs_off(held, n, lock->lock) : NULL;
	if (found.other)
		return found;
	if (how == LOCK_RELEASE_IRQ && lock->flags & LOCK_IRQ && !were_on)
		return fault(0x6972,
			     "releasing %K %N enables interrupts, which were disabled "
			     "already when it was taken: spin_lock_irqsave() keeps them so");
	return (struct lock_release_fault){.what = NULL};
}
