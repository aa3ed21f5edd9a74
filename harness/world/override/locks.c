// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleeping locks that are held, and where each was taken: what lockdep would know (Debian's kernels
 * are built without it). Mutexes and rw_semaphores of kernel/locking/ keep their own code, which
 * goes on behind the five bytes of the entry that the override took (orig_NAME); here every lock
 * that is taken is noted for the running task, and every one that is released struck out.
 *
 * Equation: kf_held_count() is the number of lock calls minus that of unlock calls of the running
 * task.
 */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/kernel.h>
#include "host.h"

#define HELD_MAX 64

struct held {
	const void *lock;
	unsigned long caller;
	struct task_struct *task;
	bool is_mutex;
};

/* All tasks' locks, in the order in which they were taken. What does not fit is not watched. */
static struct held held[HELD_MAX];
static unsigned int held_count, unwatched;

static void note(const void *lock, bool is_mutex, unsigned long caller)
{
	if (held_count == HELD_MAX) {
		unwatched++;
		return;
	}
	held[held_count++] = (struct held){lock, caller, current, is_mutex};
}

static bool strike(const void *lock, bool any_task)
{
	unsigned int i;

	for (i = held_count; i-- > 0;) {
		if (held[i].lock != lock || (!any_task && held[i].task != current))
			continue;
		memmove(&held[i], &held[i + 1], (--held_count - i) * sizeof(held[0]));
		return true;
	}
	if (!unwatched)
		return false;
	unwatched--;
	return true;
}

static void release(const void *lock, const char *what)
{
	if (!strike(lock, false) && !strike(lock, true) && !kf_booting)
		host_context(what);
}

/* The locks that the running task holds, and the newest one: whether it is a mutex, and who took
 * it.
 */
u64 kf_held(u64 *caller, u64 *lock, u32 *is_mutex)
{
	unsigned int i;
	u64 count = 0;

	for (i = 0; i < held_count; i++) {
		if (held[i].task != current)
			continue;
		count++;
		*caller = held[i].caller;
		*lock = (u64)held[i].lock;
		*is_mutex = held[i].is_mutex;
	}
	return count;
}

#define CALLER ((unsigned long)__builtin_return_address(0))

void orig_mutex_lock(struct mutex *lock);
int orig_mutex_lock_interruptible(struct mutex *lock);
int orig_mutex_lock_killable(struct mutex *lock);
int orig_mutex_trylock(struct mutex *lock);
void orig_mutex_unlock(struct mutex *lock);
void orig_down_read(struct rw_semaphore *sem);
int orig_down_read_interruptible(struct rw_semaphore *sem);
int orig_down_read_killable(struct rw_semaphore *sem);
int orig_down_read_trylock(struct rw_semaphore *sem);
void orig_down_write(struct rw_semaphore *sem);
int orig_down_write_killable(struct rw_semaphore *sem);
int orig_down_write_trylock(struct rw_semaphore *sem);
void orig_up_read(struct rw_semaphore *sem);
void orig_up_write(struct rw_semaphore *sem);

void mutex_lock(struct mutex *lock)
{
	orig_mutex_lock(lock);
	note(lock, true, CALLER);
}

int mutex_lock_interruptible(struct mutex *lock)
{
	int err = orig_mutex_lock_interruptible(lock);

	if (!err)
		note(lock, true, CALLER);
	return err;
}

int mutex_lock_killable(struct mutex *lock)
{
	int err = orig_mutex_lock_killable(lock);

	if (!err)
		note(lock, true, CALLER);
	return err;
}

int mutex_trylock(struct mutex *lock)
{
	int taken = orig_mutex_trylock(lock);

	if (taken)
		note(lock, true, CALLER);
	return taken;
}

void mutex_unlock(struct mutex *lock)
{
	release(lock, "mutex_unlock() of a mutex that is not locked");
	orig_mutex_unlock(lock);
}

void down_read(struct rw_semaphore *sem)
{
	orig_down_read(sem);
	note(sem, false, CALLER);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	int err = orig_down_read_interruptible(sem);

	if (!err)
		note(sem, false, CALLER);
	return err;
}

int down_read_killable(struct rw_semaphore *sem)
{
	int err = orig_down_read_killable(sem);

	if (!err)
		note(sem, false, CALLER);
	return err;
}

int down_read_trylock(struct rw_semaphore *sem)
{
	int taken = orig_down_read_trylock(sem);

	if (taken)
		note(sem, false, CALLER);
	return taken;
}

void down_write(struct rw_semaphore *sem)
{
	orig_down_write(sem);
	note(sem, false, CALLER);
}

int down_write_killable(struct rw_semaphore *sem)
{
	int err = orig_down_write_killable(sem);

	if (!err)
		note(sem, false, CALLER);
	return err;
}

int down_write_trylock(struct rw_semaphore *sem)
{
	int taken = orig_down_write_trylock(sem);

	if (taken)
		note(sem, false, CALLER);
	return taken;
}

void up_read(struct rw_semaphore *sem)
{
	release(sem, "up_read() of an rw_semaphore that is not held");
	orig_up_read(sem);
}

void up_write(struct rw_semaphore *sem)
{
	release(sem, "up_write() of an rw_semaphore that is not held");
	orig_up_write(sem);
}
