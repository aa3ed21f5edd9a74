/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting semaphores. */
#ifndef KFAIL_LINUX_SEMAPHORE_H
#define KFAIL_LINUX_SEMAPHORE_H

#include "errno.h"
#include "list.h"
#include "spinlock_types.h"

struct semaphore {
	spinlock_t lock;
	unsigned int count;
	struct list_head wait_list;
};

#define __SEMAPHORE_INITIALIZER(name, n)                                    \
	{                                                                   \
		.count = (n), .wait_list = LIST_HEAD_INIT((name).wait_list) \
	}
#define DEFINE_SEMAPHORE(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)

static inline void sema_init(struct semaphore *sem, int val)
{
	sem->lock.native_word = 0;
	sem->count = val;
	INIT_LIST_HEAD(&sem->wait_list);
}

void down(struct semaphore *sem);
int __must_check down_interruptible(struct semaphore *sem);
int __must_check down_killable(struct semaphore *sem);
int __must_check down_trylock(struct semaphore *sem);
int __must_check down_timeout(struct semaphore *sem, long jiffies_left);
void up(struct semaphore *sem);

#endif
