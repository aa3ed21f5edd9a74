// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks that sleep: mutexes, rw_semaphores and rt_mutexes of kernel/locking/ keep their own code, which goes on behind the
 * five bytes of the entry that the override took (orig_NAME); here it is noted who holds them (held.h). SRCU's read-side
 * sections are noted in the same way. Before the kernel's code waits for what only the waiting task could
 * give back, the world ends with a deadlock, at that very call.
 *
 * A lock that was initialised has a list of waiters that is not NULL: so one in zeroed memory is told, and one in memory
 * that was never written or was freed (POISON_INUSE, POISON_FREE).
 */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/rtmutex.h>
#include <linux/srcu.h>
#include <linux/device.h>
#include <linux/poison.h>
#include <linux/sched.h>
#include <linux/kernel.h>
#include "lock_notes.h"

/* In mutex.osq, which is not used here (osq_lock() below always says no): a mutex whose class has no order. */
#define UNORDERED 0x6b66

static __always_inline unsigned int mutex_flags(const struct mutex *lock)
{
	return atomic_read(&lock->osq.tail) == UNORDERED ? KF_HELD_UNORDERED : 0;
}

static bool is_poison(unsigned long word)
{
	return word == 0x0101010101010101ul * POISON_FREE ||
	       word == 0x0101010101010101ul * POISON_INUSE;
}

static void check_initialised(const struct list_head *waiters, const void *lock, unsigned int kind,
			      unsigned long caller)
{
	unsigned long first = (unsigned long)waiters->next;

	if (unlikely(!first || is_poison(first)) && kf_by_driver(caller))
		host_lock_wrong(KF_WRONG_UNINITIALISED, (unsigned long)lock, kind, caller, NULL);
}

/* ---- mutexes ---- */

extern void orig___mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key);
extern void orig_mutex_lock(struct mutex *lock);
extern int orig_mutex_lock_interruptible(struct mutex *lock);
extern int orig_mutex_lock_killable(struct mutex *lock);
extern int orig_mutex_trylock(struct mutex *lock);
extern void orig_mutex_unlock(struct mutex *lock);

/* A parent's mutex and its child's are one class, and are taken in any order that the tree has: lockdep is told not to look
 * (device_initialize()). */
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	orig___mutex_init(lock, name, key);
	if (name && !strcmp(name, "&dev->mutex"))
		atomic_set(&lock->osq.tail, UNORDERED);
}

static void before_mutex(struct mutex *lock, unsigned long caller)
{
	check_initialised(&lock->wait_list, lock, KF_LOCK_MUTEX, caller);
	if (unlikely(kf_find_own(lock, KF_LOCK_MUTEX)))
		kf_lock_blocks(lock, KF_LOCK_MUTEX, caller,
			       "deadlock: a mutex is taken by the task that holds it already");
}

void mutex_lock(struct mutex *lock)
{
	before_mutex(lock, CALLER);
	orig_mutex_lock(lock);
	kf_took(lock, KF_LOCK_MUTEX, mutex_flags(lock), CALLER);
}

int mutex_lock_interruptible(struct mutex *lock)
{
	int err;

	before_mutex(lock, CALLER);
	err = orig_mutex_lock_interruptible(lock);
	if (!err)
		kf_took(lock, KF_LOCK_MUTEX, mutex_flags(lock), CALLER);
	return err;
}

int mutex_lock_killable(struct mutex *lock)
{
	int err;

	before_mutex(lock, CALLER);
	err = orig_mutex_lock_killable(lock);
	if (!err)
		kf_took(lock, KF_LOCK_MUTEX, mutex_flags(lock), CALLER);
	return err;
}

int mutex_trylock(struct mutex *lock)
{
	int taken;

	check_initialised(&lock->wait_list, lock, KF_LOCK_MUTEX, CALLER);
	taken = orig_mutex_trylock(lock);
	if (taken)
		kf_took(lock, KF_LOCK_MUTEX, mutex_flags(lock) | KF_HELD_TRIED, CALLER);
	return taken;
}

/* A ww_mutex is taken by functions that are not replaced, and released by this one. */
static void check_mutex_owner(struct mutex *lock, unsigned long caller)
{
	struct kf_held *held = kf_find_own(lock, KF_LOCK_MUTEX);

	if (held)
		return;
	held = kf_find_held(lock, KF_LOCK_MUTEX);
	if (held)
		host_lock_wrong(KF_WRONG_OTHER_TASK, (unsigned long)lock, KF_LOCK_MUTEX, caller,
				held);
	else if (!atomic_long_read(&lock->owner))
		host_lock_wrong(KF_WRONG_NOT_HELD, (unsigned long)lock, KF_LOCK_MUTEX, caller,
				NULL);
}

void mutex_unlock(struct mutex *lock)
{
	if (!kf_booting)
		check_mutex_owner(lock, CALLER);
	kf_released(lock, KF_LOCK_MUTEX);
	orig_mutex_unlock(lock);
}

/* ---- rw_semaphores ---- */

extern void orig_down_read(struct rw_semaphore *sem);
extern int orig_down_read_interruptible(struct rw_semaphore *sem);
extern int orig_down_read_killable(struct rw_semaphore *sem);
extern int orig_down_read_trylock(struct rw_semaphore *sem);
extern void orig_down_write(struct rw_semaphore *sem);
extern int orig_down_write_killable(struct rw_semaphore *sem);
extern int orig_down_write_trylock(struct rw_semaphore *sem);
extern void orig_up_read(struct rw_semaphore *sem);
extern void orig_up_write(struct rw_semaphore *sem);
extern void orig_downgrade_write(struct rw_semaphore *sem);

static void before_rwsem(struct rw_semaphore *sem, bool write, unsigned long caller)
{
	struct kf_held *held = kf_find_own(sem, KF_LOCK_RWSEM);

	check_initialised(&sem->wait_list, sem, KF_LOCK_RWSEM, caller);
	if (likely(!held))
		return;
	if (write || !(held->flags & KF_HELD_READ))
		kf_lock_blocks(
			sem, KF_LOCK_RWSEM, caller,
			"deadlock: an rw_semaphore is taken by the task that holds it already");
	else if (kf_by_driver(caller))
		host_lock_wrong(KF_WRONG_READ_AGAIN, (unsigned long)sem, KF_LOCK_RWSEM, caller,
				held);
}

void down_read(struct rw_semaphore *sem)
{
	before_rwsem(sem, false, CALLER);
	orig_down_read(sem);
	kf_took(sem, KF_LOCK_RWSEM, KF_HELD_READ, CALLER);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	int err;

	before_rwsem(sem, false, CALLER);
	err = orig_down_read_interruptible(sem);
	if (!err)
		kf_took(sem, KF_LOCK_RWSEM, KF_HELD_READ, CALLER);
	return err;
}

int down_read_killable(struct rw_semaphore *sem)
{
	int err;

	before_rwsem(sem, false, CALLER);
	err = orig_down_read_killable(sem);
	if (!err)
		kf_took(sem, KF_LOCK_RWSEM, KF_HELD_READ, CALLER);
	return err;
}

int down_read_trylock(struct rw_semaphore *sem)
{
	int taken = orig_down_read_trylock(sem);

	if (taken)
		kf_took(sem, KF_LOCK_RWSEM, KF_HELD_READ | KF_HELD_TRIED, CALLER);
	return taken;
}

void down_write(struct rw_semaphore *sem)
{
	before_rwsem(sem, true, CALLER);
	orig_down_write(sem);
	kf_took(sem, KF_LOCK_RWSEM, 0, CALLER);
}

int down_write_killable(struct rw_semaphore *sem)
{
	int err;

	before_rwsem(sem, true, CALLER);
	err = orig_down_write_killable(sem);
	if (!err)
		kf_took(sem, KF_LOCK_RWSEM, 0, CALLER);
	return err;
}

int down_write_trylock(struct rw_semaphore *sem)
{
	int taken = orig_down_write_trylock(sem);

	if (taken)
		kf_took(sem, KF_LOCK_RWSEM, KF_HELD_TRIED, CALLER);
	return taken;
}

/* Whoever took it may have handed it on to another task, which the kernel allows here. */
static void strike_rwsem(struct rw_semaphore *sem, unsigned long caller)
{
	if (!kf_released(sem, KF_LOCK_RWSEM) && !kf_booting && !atomic_long_read(&sem->count))
		host_lock_wrong(KF_WRONG_NOT_HELD, (unsigned long)sem, KF_LOCK_RWSEM, caller, NULL);
}

void up_read(struct rw_semaphore *sem)
{
	strike_rwsem(sem, CALLER);
	orig_up_read(sem);
}

void up_write(struct rw_semaphore *sem)
{
	strike_rwsem(sem, CALLER);
	orig_up_write(sem);
}

void downgrade_write(struct rw_semaphore *sem)
{
	struct kf_held *held = kf_find_own(sem, KF_LOCK_RWSEM);

	if (held)
		held->flags |= KF_HELD_READ;
	orig_downgrade_write(sem);
}

/* ---- rt_mutexes ---- */

extern void orig_rt_mutex_lock(struct rt_mutex *lock);
extern int orig_rt_mutex_trylock(struct rt_mutex *lock);
extern void orig_rt_mutex_unlock(struct rt_mutex *lock);

void rt_mutex_lock(struct rt_mutex *lock)
{
	if (unlikely(kf_find_own(lock, KF_LOCK_RT_MUTEX)))
		kf_lock_blocks(lock, KF_LOCK_RT_MUTEX, CALLER,
			       "deadlock: an rt_mutex is taken by the task that holds it already");
	orig_rt_mutex_lock(lock);
	kf_took(lock, KF_LOCK_RT_MUTEX, 0, CALLER);
}

int rt_mutex_trylock(struct rt_mutex *lock)
{
	int taken = orig_rt_mutex_trylock(lock);

	if (taken)
		kf_took(lock, KF_LOCK_RT_MUTEX, KF_HELD_TRIED, CALLER);
	return taken;
}

void rt_mutex_unlock(struct rt_mutex *lock)
{
	kf_released(lock, KF_LOCK_RT_MUTEX);
	orig_rt_mutex_unlock(lock);
}

/* ---- SRCU's readers ---- */

extern int orig___srcu_read_lock(struct srcu_struct *ssp);
extern void orig___srcu_read_unlock(struct srcu_struct *ssp, int idx);

int __srcu_read_lock(struct srcu_struct *ssp)
{
	int idx = orig___srcu_read_lock(ssp);

	kf_took(ssp, KF_LOCK_SRCU, KF_HELD_READ, CALLER);
	return idx;
}

void __srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	kf_released(ssp, KF_LOCK_SRCU);
	orig___srcu_read_unlock(ssp, idx);
}
