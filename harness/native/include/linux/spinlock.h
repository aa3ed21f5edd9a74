/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks and rwlocks of one CPU: a lock that is held already will never be free, so taking it is
 * a deadlock. The functions get the lock's expression as text, for messages.
 */
#ifndef KFAIL_LINUX_SPINLOCK_H
#define KFAIL_LINUX_SPINLOCK_H

#include "lockdep.h"
#include "preempt.h"
#include "spinlock_types.h"

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock, const char *name);
void spin_lock_bh(spinlock_t *lock, const char *name);
void spin_lock_irq(spinlock_t *lock, const char *name);
unsigned long spin_lock_irqsave(spinlock_t *lock, const char *name);
int spin_trylock(spinlock_t *lock, const char *name);
int spin_trylock_bh(spinlock_t *lock, const char *name);
int spin_trylock_irq(spinlock_t *lock, const char *name);
void spin_unlock(spinlock_t *lock, const char *name);
void spin_unlock_bh(spinlock_t *lock, const char *name);
void spin_unlock_irq(spinlock_t *lock, const char *name);
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags, const char *name);

#define spin_lock(lock)	    spin_lock(lock, #lock)
#define spin_lock_bh(lock)  spin_lock_bh(lock, #lock)
#define spin_lock_irq(lock) spin_lock_irq(lock, #lock)
#define spin_lock_irqsave(lock, flags)                    \
	do {                                              \
		(flags) = spin_lock_irqsave(lock, #lock); \
	} while (0)
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_trylock(lock)		 spin_trylock(lock, #lock)
#define spin_trylock_bh(lock)		 spin_trylock_bh(lock, #lock)
#define spin_trylock_irq(lock)		 spin_trylock_irq(lock, #lock)
#define spin_trylock_irqsave(lock, flags)          \
	({                                         \
		local_irq_save(flags);             \
		int __locked = spin_trylock(lock); \
		if (!__locked)                     \
			local_irq_restore(flags);  \
		__locked;                          \
	})
#define spin_unlock(lock)		    spin_unlock(lock, #lock)
#define spin_unlock_bh(lock)		    spin_unlock_bh(lock, #lock)
#define spin_unlock_irq(lock)		    spin_unlock_irq(lock, #lock)
#define spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(lock, flags, #lock)
#define spin_is_locked(lock)		    (READ_ONCE((lock)->native_word) == 1)
#define assert_spin_locked(lock)	    BUG_ON(!spin_is_locked(lock))

#define raw_spin_lock_init(lock)		spin_lock_init(lock)
#define raw_spin_lock(lock)			spin_lock(lock)
#define raw_spin_unlock(lock)			spin_unlock(lock)
#define raw_spin_lock_irq(lock)			spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)		spin_unlock_irq(lock)
#define raw_spin_lock_irqsave(lock, flags)	spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(lock, flags)
#define raw_spin_trylock(lock)			spin_trylock(lock)

void rwlock_init(rwlock_t *lock);
void read_lock(rwlock_t *lock, const char *name);
void read_unlock(rwlock_t *lock, const char *name);
void write_lock(rwlock_t *lock, const char *name);
void write_unlock(rwlock_t *lock, const char *name);

/* The context is changed before the lock is taken, and changed back after it is released. */
#define native_locked_in(enter, take) \
	do {                          \
		enter;                \
		take;                 \
	} while (0)
#define read_lock(lock)			read_lock(lock, #lock)
#define read_unlock(lock)		read_unlock(lock, #lock)
#define write_lock(lock)		write_lock(lock, #lock)
#define write_unlock(lock)		write_unlock(lock, #lock)
#define read_lock_bh(lock)		native_locked_in(local_bh_disable(), read_lock(lock))
#define read_unlock_bh(lock)		native_locked_in(read_unlock(lock), local_bh_enable())
#define write_lock_bh(lock)		native_locked_in(local_bh_disable(), write_lock(lock))
#define write_unlock_bh(lock)		native_locked_in(write_unlock(lock), local_bh_enable())
#define read_lock_irq(lock)		native_locked_in(local_irq_disable(), read_lock(lock))
#define read_unlock_irq(lock)		native_locked_in(read_unlock(lock), local_irq_enable())
#define write_lock_irq(lock)		native_locked_in(local_irq_disable(), write_lock(lock))
#define write_unlock_irq(lock)		native_locked_in(write_unlock(lock), local_irq_enable())
#define read_lock_irqsave(lock, flags)	native_locked_in(local_irq_save(flags), read_lock(lock))
#define write_lock_irqsave(lock, flags) native_locked_in(local_irq_save(flags), write_lock(lock))
#define read_unlock_irqrestore(lock, flags) \
	native_locked_in(read_unlock(lock), local_irq_restore(flags))
#define write_unlock_irqrestore(lock, flags) \
	native_locked_in(write_unlock(lock), local_irq_restore(flags))

#endif
