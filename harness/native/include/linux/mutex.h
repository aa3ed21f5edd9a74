/* SPDX-License-Identifier: GPL-2.0-only */
/* Mutexes, 32 bytes as in the kernel. There is one task, so a mutex that is held already is a
 * deadlock. */
#ifndef KFAIL_LINUX_MUTEX_H
#define KFAIL_LINUX_MUTEX_H

#include "list.h"
#include "lockdep.h"
#include "spinlock_types.h"

struct mutex {
	unsigned long owner; /* 0: free; else 1 + how deep the flow is nested that holds it */
	spinlock_t wait_lock;
	u32 unused;
	struct list_head wait_list; /* initialised to itself: tells a mutex from zeroed memory */
};

#define __MUTEX_INITIALIZER(name)                             \
	{                                                     \
		.wait_list = LIST_HEAD_INIT((name).wait_list) \
	}
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock, const char *name);
int mutex_trylock(struct mutex *lock, const char *name);
void mutex_unlock(struct mutex *lock, const char *name);

static inline void mutex_destroy(struct mutex *lock)
{
	(void)lock;
}

static inline bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner) != 0;
}

#define mutex_lock(lock)		  mutex_lock(lock, #lock)
#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
#define mutex_lock_interruptible(lock) \
	({                             \
		mutex_lock(lock);      \
		0;                     \
	})
#define mutex_lock_killable(lock) \
	({                        \
		mutex_lock(lock); \
		0;                \
	})
#define mutex_trylock(lock) mutex_trylock(lock, #lock)
#define mutex_unlock(lock)  mutex_unlock(lock, #lock)

#endif
