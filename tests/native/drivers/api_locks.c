// SPDX-License-Identifier: GPL-2.0-only
/* Locks, and what they do to the context. */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include "check.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);

static void spinlocks(void)
{
	unsigned long flags, inner;

	CHECK(preempt_count() == 0 && in_task() && !irqs_disabled());
	spin_lock(&lock);
	CHECK(preempt_count() == 1 && spin_is_locked(&lock) && lockdep_is_held(&lock));
	CHECK(!spin_trylock(&lock));
	spin_unlock(&lock);
	spin_lock_bh(&lock);
	CHECK(preempt_count() == 0x201 && in_softirq() && in_interrupt() && in_task());
	spin_unlock_bh(&lock);
	spin_lock_irqsave(&lock, flags);
	CHECK(irqs_disabled());
	local_irq_save(inner);
	local_irq_restore(inner);
	CHECK(irqs_disabled());
	spin_unlock_irqrestore(&lock, flags);
	CHECK(!irqs_disabled() && preempt_count() == 0);
	spin_lock_irq(&lock);
	CHECK(irqs_disabled());
	spin_unlock_irq(&lock);
	CHECK(spin_trylock(&lock));
	spin_unlock(&lock);
}

static void rwlocks(void)
{
	unsigned long flags;

	read_lock(&rwlock);
	read_lock(&rwlock);
	CHECK(preempt_count() == 2);
	read_unlock(&rwlock);
	read_unlock(&rwlock);
	write_lock_irqsave(&rwlock, flags);
	CHECK(irqs_disabled());
	write_unlock_irqrestore(&rwlock, flags);
	read_lock_bh(&rwlock);
	read_unlock_bh(&rwlock);
	CHECK(preempt_count() == 0);
}

static void sleeping_locks(void)
{
	struct semaphore sem;
	struct mutex local;

	mutex_lock(&mutex);
	CHECK(mutex_is_locked(&mutex) && !mutex_trylock(&mutex) && preempt_count() == 0);
	mutex_init(&local);
	CHECK(mutex_lock_interruptible(&local) == 0);
	mutex_unlock(&local);
	mutex_unlock(&mutex);
	CHECK(!mutex_is_locked(&mutex));
	down_read(&rwsem);
	CHECK(down_read_trylock(&rwsem) && !down_write_trylock(&rwsem));
	up_read(&rwsem);
	up_read(&rwsem);
	down_write(&rwsem);
	downgrade_write(&rwsem);
	up_read(&rwsem);
	sema_init(&sem, 2);
	down(&sem);
	CHECK(!down_trylock(&sem) && down_trylock(&sem));
	CHECK(down_timeout(&sem, 10) == -ETIME);
	up(&sem);
	CHECK(down_interruptible(&sem) == 0);
}

static void contexts(void)
{
	unsigned int noio;

	local_bh_disable();
	CHECK(in_softirq() && !in_serving_softirq());
	local_bh_enable();
	preempt_disable();
	CHECK(in_atomic() && !preemptible());
	preempt_enable();
	might_sleep();
	CHECK(cond_resched() == 0);
	noio = memalloc_noio_save();
	CHECK(current->flags & PF_MEMALLOC_NOIO);
	memalloc_noio_restore(noio);
	CHECK(!(current->flags & PF_MEMALLOC_NOIO));
	CHECK(!strcmp(current->comm, "insmod"));
}

static void all(void)
{
	spinlocks();
	rwlocks();
	sleeping_locks();
	contexts();
}

CHECKED_DRIVER(all);
