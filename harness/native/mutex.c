// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks that sleep: mutexes, rwsems, counting semaphores. There is one task, but it may be nested:
 * a work or timer runs on top of the flow that waits. A lock remembers how deep its taker was
 * nested. Wanting a lock of the own depth is a deadlock; wanting one of a flow below is a deadlock
 * if that flow waits for the very call that wants it (flush_work() under a mutex that the work
 * takes), and otherwise more than this world can carry.
 *
 * The list inside a lock is initialised to itself and never used otherwise: so a lock in zeroed or
 * freed memory is told from one that was initialised.
 */
#include "world.h"
#include "locks.h"

#include "include/linux/mutex.h"
#include "include/linux/rwsem.h"
#include "include/linux/semaphore.h"
#include "include/linux/wait.h"

static void check_initialised(const struct list_head *list, const char *what, const char *name)
{
	if (unlikely(list->next != list))
		native_lock_complain(what, name,
				     "there is no lock here: not initialised, or freed already");
}

static __noreturn __cold void contended(const void *lock, enum lock_kind kind, unsigned long owner,
					const char *what, const char *name, uint64_t caller)
{
	char text[160];

	native_lock_blocks(lock, kind, caller);
	scnprintf(text, sizeof(text), "%s(%s)", what, name);
	native_blocked(text, (unsigned int)(owner - 1));
}

/* ---- mutexes ---- */

NATIVE_API void mutex_init(struct mutex *lock)
{
	lock->owner = 0;
	lock->wait_lock.native_word = 0;
	INIT_LIST_HEAD(&lock->wait_list);
}

static void mutex_take(struct mutex *lock, const char *name, unsigned flags, uint64_t caller)
{
	lock->owner = 1ul + native_state.depth;
	native_held_push(lock, name, LOCK_MUTEX, flags, caller);
}

NATIVE_API void(mutex_lock)(struct mutex *lock, const char *name)
{
	native_may_block("mutex_lock");
	check_initialised(&lock->wait_list, "mutex_lock", name);
	if (unlikely(lock->owner))
		contended(lock, LOCK_MUTEX, lock->owner, "mutex_lock", name, NATIVE_CALLER());
	mutex_take(lock, name, 0, NATIVE_CALLER());
}

NATIVE_API int(mutex_trylock)(struct mutex *lock, const char *name)
{
	native_enter();
	check_initialised(&lock->wait_list, "mutex_trylock", name);
	if (lock->owner)
		return 0;
	mutex_take(lock, name, LOCK_TRIED, NATIVE_CALLER());
	return 1;
}

NATIVE_API void(mutex_unlock)(struct mutex *lock, const char *name)
{
	check_initialised(&lock->wait_list, "mutex_unlock", name);
	if (unlikely(!lock->owner))
		native_lock_complain("mutex_unlock", name, "the mutex is not locked");
	lock->owner = 0;
	native_held_pop(lock);
}

/* ---- rwsems ---- */

NATIVE_API void init_rwsem(struct rw_semaphore *sem)
{
	sem->count = 0;
	sem->owner = 0;
	INIT_LIST_HEAD(&sem->wait_list);
}

static bool rwsem_take(struct rw_semaphore *sem, bool write, const char *name, unsigned flags,
		       uint64_t caller)
{
	if (sem->count < 0 || (write && sem->count))
		return false;
	sem->count = write ? -1 : sem->count + 1;
	sem->owner = 1ul + native_state.depth;
	native_held_push(sem, name, LOCK_RWSEM, flags | (write ? 0 : LOCK_READER), caller);
	return true;
}

static void rwsem_down(struct rw_semaphore *sem, bool write, const char *what, const char *name,
		       uint64_t caller)
{
	native_may_block(what);
	check_initialised(&sem->wait_list, what, name);
	if (!write && unlikely(native_lock_held(sem)) && sem->count > 0)
		native_reads_again(sem, caller);
	if (unlikely(!rwsem_take(sem, write, name, 0, caller)))
		contended(sem, LOCK_RWSEM, sem->owner, what, name, caller);
}

static void rwsem_up(struct rw_semaphore *sem, bool write, const char *what, const char *name)
{
	check_initialised(&sem->wait_list, what, name);
	if (unlikely(write ? sem->count != -1 : sem->count <= 0)) {
		native_lock_complain(what, name, "the semaphore is not held");
		return;
	}
	sem->count = write ? 0 : sem->count - 1;
	native_held_pop(sem);
}

NATIVE_API void(down_read)(struct rw_semaphore *sem, const char *name)
{
	rwsem_down(sem, false, "down_read", name, NATIVE_CALLER());
}

NATIVE_API void(down_write)(struct rw_semaphore *sem, const char *name)
{
	rwsem_down(sem, true, "down_write", name, NATIVE_CALLER());
}

NATIVE_API int(down_read_trylock)(struct rw_semaphore *sem, const char *name)
{
	native_enter();
	return rwsem_take(sem, false, name, LOCK_TRIED, NATIVE_CALLER());
}

NATIVE_API int(down_write_trylock)(struct rw_semaphore *sem, const char *name)
{
	native_enter();
	return rwsem_take(sem, true, name, LOCK_TRIED, NATIVE_CALLER());
}

NATIVE_API void(up_read)(struct rw_semaphore *sem, const char *name)
{
	rwsem_up(sem, false, "up_read", name);
}

NATIVE_API void(up_write)(struct rw_semaphore *sem, const char *name)
{
	rwsem_up(sem, true, "up_write", name);
}

NATIVE_API void(downgrade_write)(struct rw_semaphore *sem, const char *name)
{
	check_initialised(&sem->wait_list, "downgrade_write", name);
	if (unlikely(sem->count != -1))
		native_lock_complain("downgrade_write", name,
				     "the semaphore is not held for writing");
	sem->count = 1;
}

/* ---- counting semaphores: anybody may raise them; who is inside is noted for reports, once. One at 0 with nobody inside is a signal ---- */

static bool is_signal(const struct semaphore *sem)
{
	return !sem->count && !native_lock_held(sem);
}

static void enter(struct semaphore *sem, unsigned flags, uint64_t caller)
{
	sem->count--;
	if (!native_lock_held(sem))
		native_held_push(sem, "semaphore", LOCK_SEMAPHORE, flags | LOCK_UNORDERED, caller);
}

static void sem_down(struct semaphore *sem, const char *what, uint64_t caller)
{
	bool waits = is_signal(sem);

	native_may_block(what);
	check_initialised(&sem->wait_list, what, "semaphore");
	while (!sem->count)
		native_wait_step(what);
	if (waits)
		sem->count--;
	else
		enter(sem, 0, caller);
}

NATIVE_API void down(struct semaphore *sem)
{
	sem_down(sem, "down", NATIVE_CALLER());
}

NATIVE_API int down_interruptible(struct semaphore *sem)
{
	sem_down(sem, "down_interruptible", NATIVE_CALLER());
	return 0;
}

NATIVE_API int down_killable(struct semaphore *sem)
{
	sem_down(sem, "down_killable", NATIVE_CALLER());
	return 0;
}

NATIVE_API int down_trylock(struct semaphore *sem)
{
	native_enter();
	if (!sem->count)
		return 1;
	enter(sem, LOCK_TRIED, NATIVE_CALLER());
	return 0;
}

NATIVE_API int down_timeout(struct semaphore *sem, long timeout)
{
	unsigned long end = native_deadline(timeout);
	bool waits = is_signal(sem);

	native_may_block("down_timeout");
	while (!sem->count)
		if (!native_wait_step_until("down_timeout", end))
			return -ETIME;
	if (waits)
		sem->count--;
	else
		enter(sem, 0, NATIVE_CALLER());
	return 0;
}

NATIVE_API void up(struct semaphore *sem)
{
	native_enter();
	native_held_pop(sem);
	sem->count++;
}
