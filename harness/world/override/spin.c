// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks that spin: kernel/locking/spinlock.c, kernel/locking/qspinlock.c, kernel/locking/qrwlock.c. With one CPU and no
 * preemption nobody else can release a lock that is held when it is wanted, so taking is a look and a store, and a lock
 * that is held is the end. The words of the locks are the kernel's, since its own code looks at them
 * (spin_is_locked(), rwlock_is_contended()): a spinlock is 0 or 1, an rwlock counts readers above a byte for the
 * writer. Any other word is no lock: memory that was never initialised, or was freed.
 *
 * Who holds what is noted (held.h). What the driver's calls do to the interrupt flag is checked against what the lock
 * found when it was taken; in the kernel only an assertion in debug builds looks at that.
 */
#include <linux/spinlock.h>
#include <linux/rwlock.h>
#include <linux/bottom_half.h>
#include <asm-generic/qrwlock_types.h>
#include "lock_notes.h"

#define READER	    0x200 /* _QR_BIAS */
#define WRITER	    0xff  /* _QW_LOCKED */
#define WRITER_BITS 0x1ff /* _QW_WMASK */
#define READERS_MAX 0xffff
#define SPIN_LOCKED 1 /* _Q_LOCKED_VAL */

void kf_irq_enable(void);
void kf_irq_disable(void);

static void __noreturn __cold spins(const void *lock, unsigned int kind, bool is_lock,
				    unsigned long caller)
{
	kf_lock_blocks(lock, kind, caller,
		       is_lock ? "spinlock taken while it is held: self-deadlock"
			       : "spinlock taken where there is none: the memory was never "
				 "initialised, or was freed");
}

/* ---- what both kinds do with the context ---- */

static __always_inline unsigned int irqs_were(void)
{
	return kf_irq_flags ? KF_HELD_IRQS_WERE_ON : 0;
}

static __always_inline unsigned long save_irqs(void)
{
	unsigned long flags = kf_irq_flags;

	kf_irq_disable();
	return flags;
}

static __always_inline void restore_irqs(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		kf_irq_enable();
}

static void __cold check_release(const void *lock, unsigned int kind, enum kf_release how)
{
	struct kf_held *held = kf_find_own(lock, kind), *heir;
	unsigned int saved = KF_HELD_IRQS_WERE_ON | KF_HELD_IRQ | KF_HELD_SAVED;

	if (!held)
		return;
	heir = kf_find_own((void *)host_lock_releases(held, how), kind);
	if (heir)
		heir->flags = (heir->flags & ~saved) | (held->flags & saved);
}

static __always_inline void before_release(const void *lock, unsigned int kind, enum kf_release how,
					   unsigned long caller)
{
	if (unlikely(kf_by_driver(caller)))
		check_release(lock, kind, how);
}

static __always_inline enum kf_release restore_of(unsigned long flags)
{
	return flags & X86_EFLAGS_IF ? KF_RELEASE_RESTORE_ON : KF_RELEASE_RESTORE_OFF;
}

static void __cold not_held(const void *lock, unsigned int kind, unsigned long caller)
{
	host_lock_wrong(KF_WRONG_NOT_HELD, (unsigned long)lock, kind, caller, NULL);
}

/* ---- spinlocks ---- */

static __always_inline void grab_spin(raw_spinlock_t *lock, unsigned int flags,
				      unsigned long caller)
{
	u32 *word = (u32 *)&lock->raw_lock.val.counter;

	preempt_count_inc();
	if (unlikely(*word))
		spins(lock, KF_LOCK_SPIN, *word == SPIN_LOCKED, caller);
	WRITE_ONCE(*word, SPIN_LOCKED);
	kf_took(lock, KF_LOCK_SPIN, flags, caller);
}

/* False: nobody holds it, which the driver is told; the context stays as it is, so that one mistake is one finding. */
static __always_inline bool give_spin(raw_spinlock_t *lock, unsigned long caller)
{
	if (unlikely(!lock->raw_lock.locked) && kf_by_driver(caller)) {
		not_held(lock, KF_LOCK_SPIN, caller);
		return false;
	}
	kf_released(lock, KF_LOCK_SPIN);
	WRITE_ONCE(lock->raw_lock.locked, 0);
	barrier();
	return true;
}

void __lockfunc _raw_spin_lock(raw_spinlock_t *lock)
{
	grab_spin(lock, irqs_were(), CALLER);
}

unsigned long __lockfunc _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned int were = irqs_were();
	unsigned long flags = save_irqs();

	grab_spin(lock, were | KF_HELD_IRQ | KF_HELD_SAVED, CALLER);
	return flags;
}

void __lockfunc _raw_spin_lock_irq(raw_spinlock_t *lock)
{
	unsigned int were = irqs_were();

	kf_irq_disable();
	grab_spin(lock, were | KF_HELD_IRQ, CALLER);
}

void __lockfunc _raw_spin_lock_bh(raw_spinlock_t *lock)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
	grab_spin(lock, irqs_were(), CALLER);
}

int __lockfunc _raw_spin_trylock(raw_spinlock_t *lock)
{
	if (lock->raw_lock.val.counter)
		return 0;
	grab_spin(lock, irqs_were() | KF_HELD_TRIED, CALLER);
	return 1;
}

int __lockfunc _raw_spin_trylock_bh(raw_spinlock_t *lock)
{
	if (lock->raw_lock.val.counter)
		return 0;
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
	grab_spin(lock, irqs_were() | KF_HELD_TRIED, CALLER);
	return 1;
}

void __lockfunc _raw_spin_unlock(raw_spinlock_t *lock)
{
	if (!give_spin(lock, CALLER))
		return;
	preempt_count_dec();
}

void __lockfunc _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	before_release(lock, KF_LOCK_SPIN, restore_of(flags), CALLER);
	if (!give_spin(lock, CALLER))
		return;
	restore_irqs(flags);
	preempt_count_dec();
}

void __lockfunc _raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	before_release(lock, KF_LOCK_SPIN, KF_RELEASE_IRQ, CALLER);
	if (!give_spin(lock, CALLER))
		return;
	kf_irq_enable();
	preempt_count_dec();
}

void __lockfunc _raw_spin_unlock_bh(raw_spinlock_t *lock)
{
	if (!give_spin(lock, CALLER))
		return;
	__local_bh_enable_ip(CALLER, SOFTIRQ_LOCK_OFFSET);
}

/* ---- rwlocks ---- */

static __always_inline u32 *rw_word(rwlock_t *lock)
{
	return (u32 *)&lock->raw_lock.cnts.counter;
}

static __always_inline bool rw_is_lock(u32 word)
{
	return word == WRITER || (!(word & WRITER_BITS) && word / READER <= READERS_MAX);
}

static __always_inline void grab_rw(rwlock_t *lock, bool write, unsigned int flags,
				    unsigned long caller)
{
	u32 *word = rw_word(lock);

	preempt_count_inc();
	if (unlikely(write ? *word : *word & WRITER_BITS))
		spins(lock, KF_LOCK_RW, rw_is_lock(*word), caller);
	WRITE_ONCE(*word, write ? WRITER : *word + READER);
	kf_took(lock, KF_LOCK_RW, flags | (write ? 0 : KF_HELD_READ), caller);
}

static __always_inline bool rw_is_free(rwlock_t *lock, bool write)
{
	return !(write ? *rw_word(lock) : *rw_word(lock) & WRITER_BITS);
}

static __always_inline bool give_rw(rwlock_t *lock, bool write, unsigned long caller)
{
	u32 *word = rw_word(lock);
	bool taken = write ? (*word & WRITER_BITS) == WRITER : *word >= READER;

	if (unlikely(!taken) && kf_by_driver(caller)) {
		not_held(lock, KF_LOCK_RW, caller);
		return false;
	}
	kf_released(lock, KF_LOCK_RW);
	if (likely(taken))
		WRITE_ONCE(*word, write ? 0 : *word - READER);
	barrier();
	return true;
}

#define RW_FUNCTIONS(op, write)                                                            \
	void __lockfunc _raw_##op##_lock(rwlock_t *lock)                                   \
	{                                                                                  \
		grab_rw(lock, write, irqs_were(), CALLER);                                 \
	}                                                                                  \
	unsigned long __lockfunc _raw_##op##_lock_irqsave(rwlock_t *lock)                  \
	{                                                                                  \
		unsigned int were = irqs_were();                                           \
		unsigned long flags = save_irqs();                                         \
                                                                                           \
		grab_rw(lock, write, were | KF_HELD_IRQ | KF_HELD_SAVED, CALLER);          \
		return flags;                                                              \
	}                                                                                  \
	void __lockfunc _raw_##op##_lock_irq(rwlock_t *lock)                               \
	{                                                                                  \
		unsigned int were = irqs_were();                                           \
                                                                                           \
		kf_irq_disable();                                                          \
		grab_rw(lock, write, were | KF_HELD_IRQ, CALLER);                          \
	}                                                                                  \
	void __lockfunc _raw_##op##_lock_bh(rwlock_t *lock)                                \
	{                                                                                  \
		preempt_count_add(SOFTIRQ_DISABLE_OFFSET);                                 \
		grab_rw(lock, write, irqs_were(), CALLER);                                 \
	}                                                                                  \
	int __lockfunc _raw_##op##_trylock(rwlock_t *lock)                                 \
	{                                                                                  \
		if (!rw_is_free(lock, write))                                              \
			return 0;                                                          \
		grab_rw(lock, write, irqs_were() | KF_HELD_TRIED, CALLER);                 \
		return 1;                                                                  \
	}                                                                                  \
	void __lockfunc _raw_##op##_unlock(rwlock_t *lock)                                 \
	{                                                                                  \
		if (!give_rw(lock, write, CALLER))                                         \
			return;                                                            \
		preempt_count_dec();                                                       \
	}                                                                                  \
	void __lockfunc _raw_##op##_unlock_irqrestore(rwlock_t *lock, unsigned long flags) \
	{                                                                                  \
		before_release(lock, KF_LOCK_RW, restore_of(flags), CALLER);               \
		if (!give_rw(lock, write, CALLER))                                         \
			return;                                                            \
		restore_irqs(flags);                                                       \
		preempt_count_dec();                                                       \
	}                                                                                  \
	void __lockfunc _raw_##op##_unlock_irq(rwlock_t *lock)                             \
	{                                                                                  \
		before_release(lock, KF_LOCK_RW, KF_RELEASE_IRQ, CALLER);                  \
		if (!give_rw(lock, write, CALLER))                                         \
			return;                                                            \
		kf_irq_enable();                                                           \
		preempt_count_dec();                                                       \
	}                                                                                  \
	void __lockfunc _raw_##op##_unlock_bh(rwlock_t *lock)                              \
	{                                                                                  \
		if (!give_rw(lock, write, CALLER))                                         \
			return;                                                            \
		__local_bh_enable_ip(CALLER, SOFTIRQ_LOCK_OFFSET);                         \
	}

RW_FUNCTIONS(read, false)
RW_FUNCTIONS(write, true)

void __lockfunc _raw_write_lock_nested(rwlock_t *lock, int subclass)
{
	grab_rw(lock, true, irqs_were(), CALLER);
}
