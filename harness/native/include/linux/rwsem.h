/* SPDX-License-Identifier: GPL-2.0-only */
/* Semaphores of readers and one writer, 40 bytes as in the kernel. */
#ifndef KFAIL_LINUX_RWSEM_H
#define KFAIL_LINUX_RWSEM_H

#include "list.h"
#include "lockdep.h"
#include "spinlock_types.h"

struct rw_semaphore {
	long count; /* readers, or -1 for a writer */
	unsigned long owner;
	u32 unused;
	spinlock_t wait_lock;
	struct list_head wait_list;
};

#define __RWSEM_INITIALIZER(name)                             \
	{                                                     \
		.wait_list = LIST_HEAD_INIT((name).wait_list) \
	}
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)

void init_rwsem(struct rw_semaphore *sem);
void down_read(struct rw_semaphore *sem, const char *name);
int down_read_trylock(struct rw_semaphore *sem, const char *name);
void up_read(struct rw_semaphore *sem, const char *name);
void down_write(struct rw_semaphore *sem, const char *name);
int down_write_trylock(struct rw_semaphore *sem, const char *name);
void up_write(struct rw_semaphore *sem, const char *name);
void downgrade_write(struct rw_semaphore *sem, const char *name);

#define down_read(sem) down_read(sem, #sem)
#define down_read_killable(sem) \
	({                      \
		down_read(sem); \
		0;              \
	})
#define down_read_interruptible(sem) \
	({                           \
		down_read(sem);      \
		0;                   \
	})
#define down_read_trylock(sem) down_read_trylock(sem, #sem)
#define up_read(sem)	       up_read(sem, #sem)
#define down_write(sem)	       down_write(sem, #sem)
#define down_write_killable(sem) \
	({                       \
		down_write(sem); \
		0;               \
	})
#define down_write_trylock(sem) down_write_trylock(sem, #sem)
#define up_write(sem)		up_write(sem, #sem)
#define downgrade_write(sem)	downgrade_write(sem, #sem)

static inline int rwsem_is_locked(struct rw_semaphore *sem)
{
	return sem->count != 0;
}

#endif
