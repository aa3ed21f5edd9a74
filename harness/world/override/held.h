/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks that are held, as they are noted at each lock function's entry (spin.c, locks.c) and read by the host
 * (harness/world/locks.c). Plain fields, so that both compilers agree. World memory: restored with the world, so it is
 * always what the tasks of this very moment hold.
 *
 * Noting a lock costs a handful of stores. The host is told only of what may be wrong and of what the driver takes part
 * in: it takes the lock itself, or holds one.
 */
#ifndef KFAIL_OVERRIDE_HELD_H
#define KFAIL_OVERRIDE_HELD_H

#define KF_HELD_MAX 64

/* As enum lock_kind of harness/judge/locks.h. */
enum kf_lock_kind {
	KF_LOCK_SPIN,
	KF_LOCK_RW,
	KF_LOCK_MUTEX,
	KF_LOCK_RT_MUTEX,
	KF_LOCK_RWSEM,
	KF_LOCK_RCU, /* a read-side section; `lock` is 0 */
	KF_LOCK_SRCU,
	KF_LOCK_SEMAPHORE,
};

/* As enum lock_flags of harness/judge/locks.h. */
enum kf_held_flags {
	KF_HELD_READ = 1,
	KF_HELD_TRIED = 2,	  /* by a trylock */
	KF_HELD_DRIVER = 4,	  /* the module under test took it itself */
	KF_HELD_IRQS_WERE_ON = 8, /* interrupts, before it was taken */
	KF_HELD_IRQ = 0x10,	  /* taking it disabled interrupts */
	KF_HELD_SAVED = 0x20,	  /* and returned the flags from before */
	KF_HELD_UNORDERED = 0x40, /* its class has no order: a device's mutex */
};

struct kf_held {
	unsigned long lock, caller, task;
	unsigned int stack;   /* depot handle of the host; 0: only `caller` is known */
	unsigned int context; /* the preempt count when it was taken, without this lock */
	unsigned char kind, flags;
};

/* How the driver releases a spinning lock, for the rules about interrupt flags. */
enum kf_release { KF_RELEASE_IRQ, KF_RELEASE_RESTORE_OFF, KF_RELEASE_RESTORE_ON };

/* What can be wrong with a lock by itself: as enum lock_wrong of harness/judge/locks.h. */
enum kf_lock_wrong {
	KF_WRONG_NOT_HELD,	/* released, and nobody holds it */
	KF_WRONG_OTHER_TASK,	/* a mutex that another task holds is released */
	KF_WRONG_UNINITIALISED, /* there is no lock here */
	KF_WRONG_AT_END,	/* of a work function or kernel thread, which holds it still */
	KF_WRONG_READ_AGAIN,	/* taken for reading by a task that reads already */
	KF_WRONG_BLOCKS,	/* it will never be free: the world ends with that */
};

struct kf_lock_table {
	unsigned int count, driver; /* entries; those with KF_HELD_DRIVER */
	unsigned int lost;	    /* taken when the table was full */
	/* The module under test: core and init; size 0: none. */
	struct {
		unsigned long start, size;
	} driver_code[2];
	struct kf_held held[KF_HELD_MAX]; /* of all tasks, oldest first */
};

#endif
