/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge of locks. A world notes who holds what (that is world memory, and restored with it), and tells here of
 * the locks that the driver takes part in and of what is wrong with one by itself. The judge answers three questions:
 *
 *	is it used as a lock must be?	released by who took it, interrupts as they were, not freed while held
 *	which are held now?		for every report about context
 *	in which order are they taken?	lock_order.c: a dependency graph over classes of locks
 *
 * A class stands for all locks of one kind of object (lock_class.c), so an order that is broken shows without the
 * deadlock having to happen.
 */
#ifndef KFAIL_JUDGE_LOCKS_H
#define KFAIL_JUDGE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

enum lock_kind {
	LOCK_SPIN,
	LOCK_RWLOCK,
	LOCK_MUTEX,
	LOCK_RT_MUTEX,
	LOCK_RWSEM,
	LOCK_RCU,
	LOCK_SRCU,
	LOCK_SEMAPHORE, /* who is inside; nobody owns it, so no rule about locks holds for it */
	/* No locks, but what can be waited for like one. */
	LOCK_HARDIRQ, /* an interrupt handler runs */
	LOCK_SOFTIRQ, /* a timer, a tasklet, an RCU callback runs */
	LOCK_RECLAIM, /* memory is short, and shrinkers run: lockdep's fs_reclaim */
	LOCK_NR_KINDS
};

enum lock_flags {
	LOCK_READER = 1,
	LOCK_TRIED = 2,	       /* by a trylock, which waits for nobody */
	LOCK_DRIVER = 4,       /* the driver took it itself */
	LOCK_IRQS_WERE_ON = 8, /* interrupts, before it was taken */
	LOCK_IRQ = 0x10,       /* taking it disabled interrupts */
	LOCK_SAVED = 0x20,     /* and gave the flags from before to the caller */
	LOCK_UNORDERED =
		0x40, /* its class has no order: a device's mutex, which the tree of devices orders */
	LOCK_OUTSIDE = 0x80, /* held by what the running interrupt has interrupted */
};

struct lock_held {
	uint64_t lock;	 /* its address; RCU: 0 */
	uint64_t caller; /* return address of the call that took it */
	uint32_t stack;	 /* depot handle of where; 0: only `caller` is known */
	uint8_t kind, flags;
};

/* What can be wrong with a lock by itself. */
enum lock_wrong {
	LOCK_NOT_HELD,	    /* released, and nobody holds it */
	LOCK_OTHER_TASK,    /* a mutex is released by a task that does not hold it */
	LOCK_UNINITIALISED, /* there is no lock here */
	LOCK_AT_END,	    /* a work function or kernel thread is through, and holds it still */
	LOCK_READ_AGAIN,    /* taken for reading by a task that reads already */
	LOCK_BLOCKS,	/* it will never be free for who wants it: the world says how that ends */
	LOCK_DESTROYED, /* mutex_destroy() of one that is held */
};

/* How a spinning lock is released, as far as interrupts are concerned. */
enum lock_release { LOCK_RELEASE_IRQ, LOCK_RESTORE_OFF, LOCK_RESTORE_ON };

struct trace_task;

/* What the judge asks of the world. */
struct lock_eyes {
	/* The locks of the running task, oldest first: their number, at most `max` of them in out. */
	unsigned (*held)(struct lock_held *out, unsigned max);
	/* How many locks all tasks hold: the question that every free asks. */
	const uint32_t *count;
	/* The running task, for reports; as struct target's. */
	void (*task)(struct trace_task *out);
	/* Does the address lie on a task's stack? */
	bool (*on_stack)(uint64_t addr);
	/* May memory allocation wait for filesystems here (memalloc_nofs_save() and its kin)? NULL: always. */
	bool (*may_reclaim)(void);
};

/* Once per process, by the world, before the first run. */
void locks_attach(const struct lock_eyes *eyes);
/* What was attached; all answers are "none" before. */
extern struct lock_eyes locks_eyes;

/* The locks that the running task holds, oldest first, with where each was taken: as many as there are, at most `max`. In
 * the context of a hook or event, or between operations (task 0 then). No effect on anything. */
unsigned locks_held(struct lock_held *out, unsigned max);

/* The lock (no semaphore) that lies in [addr, addr + size) and is held, or false. */
bool locks_inside(uint64_t addr, uint64_t size, struct lock_held *out);

/* ---- facts, in any context ---- */

/* "spinlock", "mutex", ... */
const char *lock_kind_name(unsigned kind);

/* A sentence from a template: %N is the lock's name, %K its kind, %T where it was taken (", taken by ..."). The caller frees. */
char *lock_sentence(const char *template, const char *kind, const char *name, const char *taken);

/* What a release does wrong to interrupts. */
struct lock_release_fault {
	const char *what;	       /* for lock_sentence(); NULL: nothing is wrong */
	const struct lock_held *other; /* another one that suffers, or NULL */
	bool is_late;  /* it went wrong before: whoever has told it says nothing now */
	uint64_t salt; /* of the finding's identity */
	uint64_t
		heir; /* nothing is wrong, but this lock takes over what the released one saved; or 0 */
};

/* `held`: the n locks that are held, this one among them. `irqs_on`: now, before the release. */
struct lock_release_fault lock_check_release(const struct lock_held *lock, enum lock_release how,
					     bool irqs_on, const struct lock_held *held,
					     unsigned n);

/* ---- events, from the world; each in the context of the call that it tells of ---- */

/* A lock was taken by the driver, or while the driver held one. It is the newest of locks_held() already. */
void locks_taken(const struct lock_held *taken);
/* It is released; what that does to interrupts is judged. `irqs_on`: now, before. Returns the address of the lock that
 * takes over what this one saved (two locks are released with each other's flags), or 0. */
uint64_t locks_releases(const struct lock_held *held, enum lock_release how, bool irqs_on);
/* Something is wrong. `wanted`: the lock that is asked for, and by whom; `held`: as it is held, or NULL. */
void locks_wrong(enum lock_wrong what, const struct lock_held *wanted,
		 const struct lock_held *held);
/* A task waits for the end of all read-side sections of this srcu_struct. */
void locks_srcu_waits(uint64_t srcu, uint64_t caller);
/* Shrinkers begin (and end) to run. */
void locks_shrinker(bool runs);

#endif
