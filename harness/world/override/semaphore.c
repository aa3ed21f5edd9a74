// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting semaphores (kernel/locking/semaphore.c) keep their own code, as the locks of locks.c do;
 * here it is noted who is inside, for reports. They are no locks to the judges' rules: nobody owns
 * one, any task may up() it, an operation may come back with one taken, and lockdep knows none of
 * them. A semaphore that is found at 0 while nobody is inside is a signal, which is waited for and
 * not held.
 */
#include <linux/semaphore.h>
#include "lock_notes.h"

extern void orig_down(struct semaphore *sem);
extern int orig_down_interruptible(struct semaphore *sem);
extern int orig_down_killable(struct semaphore *sem);
extern int orig_down_trylock(struct semaphore *sem);
extern int orig_down_timeout(struct semaphore *sem, long timeout);
extern void orig_up(struct semaphore *sem);

static bool is_signal(const struct semaphore *sem)
{
	return !READ_ONCE(sem->count) && !kf_find_held(sem, KF_LOCK_SEMAPHORE);
}

/* Once for each task, however often it counts: a consumer of what others produce never gives it
 * back. */
static void enters(const struct semaphore *sem, unsigned int flags, unsigned long caller)
{
	if (!kf_find_own(sem, KF_LOCK_SEMAPHORE))
		kf_took(sem, KF_LOCK_SEMAPHORE, KF_HELD_UNORDERED | flags, caller);
}

void down(struct semaphore *sem)
{
	bool waits = is_signal(sem);

	orig_down(sem);
	if (!waits)
		enters(sem, 0, CALLER);
}

int down_interruptible(struct semaphore *sem)
{
	bool waits = is_signal(sem);
	int err = orig_down_interruptible(sem);

	if (!err && !waits)
		enters(sem, 0, CALLER);
	return err;
}

int down_killable(struct semaphore *sem)
{
	bool waits = is_signal(sem);
	int err = orig_down_killable(sem);

	if (!err && !waits)
		enters(sem, 0, CALLER);
	return err;
}

int down_timeout(struct semaphore *sem, long timeout)
{
	bool waits = is_signal(sem);
	int err = orig_down_timeout(sem, timeout);

	if (!err && !waits)
		enters(sem, 0, CALLER);
	return err;
}

/* Here 0 is success. */
int down_trylock(struct semaphore *sem)
{
	int failed = orig_down_trylock(sem);

	if (!failed)
		enters(sem, KF_HELD_TRIED, CALLER);
	return failed;
}

void up(struct semaphore *sem)
{
	if (kf_find_held(sem, KF_LOCK_SEMAPHORE))
		kf_released(sem, KF_LOCK_SEMAPHORE);
	orig_up(sem);
}
