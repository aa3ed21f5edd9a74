// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks that spin: spinlocks and rwlocks. With one CPU, a lock that is held when it is wanted will
 * be held for ever: that run ends as a deadlock. The word of a lock is 0 or 1; any other value
 * tells that this is no lock (never initialised, or freed), which is reported, and then it is taken
 * all the same.
 *
 * The table of held locks (native_state.held) gives messages their names, and tells which mutexes
 * an operation leaves locked; spinning locks show in the preempt count.
 */
#include "world.h"
#include "locks.h"

#include "include/linux/spinlock.h"

/* More readers than this are no readers: the word of freed memory. */
#define READERS_MAX 0xffff

/* ---- the table of held locks ---- */

/* A reader's second entry is not the first one's. */
static struct lock_held as_judged(const struct native_held *h)
{
	bool outside =
		(h->preempt_count ^ native_state.preempt_count) & (HARDIRQ_MASK | SOFTIRQ_OFFSET);

	return (struct lock_held){
		.lock = (uint64_t)h->lock,
		.caller = h->caller,
		.kind = h->kind,
		.flags = (uint8_t)(h->flags | (outside ? LOCK_OUTSIDE : 0)),
	};
}

unsigned native_held_locks(struct lock_held *out, unsigned max)
{
	for (uint32_t i = 0; i < native_state.held_count && i < max; i++)
		out[i] = as_judged(&native_state.held[i]);
	return native_state.held_count;
}

void native_held_push(const void *lock, const char *name, enum lock_kind kind, unsigned flags,
		      uint64_t caller)
{
	struct native_held *h;
	struct lock_held taken;

	if (native_state.held_count == NATIVE_HELD_MAX)
		return;
	h = &native_state.held[native_state.held_count++];
	*h = (struct native_held){lock,		 name,
				  caller,	 native_state.preempt_count,
				  (uint8_t)kind, (uint8_t)(flags | LOCK_DRIVER)};
	taken = as_judged(h);
	locks_taken(&taken);
}

static struct native_held *find_held(const void *lock)
{
	for (uint32_t i = native_state.held_count; i-- > 0;)
		if (native_state.held[i].lock == lock)
			return &native_state.held[i];
	return NULL;
}

void native_reads_again(const void *lock, uint64_t caller)
{
	const struct lock_held wanted = {
		.lock = (uint64_t)lock, .caller = caller, .kind = LOCK_RWSEM};
	struct native_held *h = find_held(lock);
	struct lock_held held;

	if (!h || h->flags & LOCK_OUTSIDE)
		return;
	held = as_judged(h);
	locks_wrong(LOCK_READ_AGAIN, &wanted, &held);
}

void native_lock_blocks(const void *lock, enum lock_kind kind, uint64_t caller)
{
	const struct lock_held wanted = {
		.lock = (uint64_t)lock, .caller = caller, .kind = (uint8_t)kind};
	struct native_held *h = find_held(lock);
	struct lock_held held;

	if (h)
		held = as_judged(h);
	locks_wrong(LOCK_BLOCKS, &wanted, h ? &held : NULL);
}

void native_held_pop(const void *lock)
{
	uint32_t i = native_state.held_count;

	while (i && native_state.held[i - 1].lock != lock)
		i--;
	if (!i)
		return;
	native_state.held_count--;
	for (i--; i < native_state.held_count; i++)
		native_state.held[i] = native_state.held[i + 1];
}

NATIVE_API bool native_lock_held(const void *lock)
{
	for (uint32_t i = 0; i < native_state.held_count; i++)
		if (native_state.held[i].lock == lock)
			return true;
	return false;
}

void native_check_held(uint32_t before, const char *operation)
{
	char names[200] = "";
	int n = 0;

	for (uint32_t i = before; i < native_state.held_count; i++)
		if (native_state.held[i].kind > LOCK_RWLOCK &&
		    native_state.held[i].kind != LOCK_SEMAPHORE)
			n += scnprintf(names + n, sizeof(names) - n, "%s%s %s", n ? ", " : "",
				       native_state.held[i].kind == LOCK_RWSEM ? "rwsem" : "mutex",
				       native_state.held[i].name);
	if (n)
		judge_note(FINDING_LOCK_IMBALANCE, "%s left locked: %s", operation, names);
	native_check_kmap(operation);
}

/* ---- what can be wrong with a lock ---- */

void native_lock_complain(const char *what, const char *name, const char *problem)
{
	char text[200];

	scnprintf(text, sizeof(text), "%s(%s): %s", what, name, problem);
	judge_context(text);
}

static __cold void not_a_lock(const char *what, const char *name)
{
	native_lock_complain(what, name,
			     "there is no lock here: not initialised, or freed already");
}

static __noreturn __cold void spins_for_ever(const void *lock, enum lock_kind kind,
					     const char *what, const char *name, uint64_t caller)
{
	native_lock_blocks(lock, kind, caller);
	native_die(DEATH_DEADLOCK, "deadlock: %s(%s), which is held already", what, name);
}

/* ---- spinlocks ---- */

static unsigned irqs_were(bool disabled)
{
	return disabled ? 0 : LOCK_IRQS_WERE_ON;
}

static void take(spinlock_t *lock, const char *what, const char *name, unsigned flags,
		 uint64_t caller)
{
	u32 word = READ_ONCE(lock->native_word);

	native_enter();
	if (unlikely(word == 1))
		spins_for_ever(lock, LOCK_SPIN, what, name, caller);
	if (unlikely(word))
		not_a_lock(what, name);
	lock->native_word = 1;
	native_held_push(lock, name, LOCK_SPIN, flags, caller);
}

static bool try_take(spinlock_t *lock, const char *what, const char *name, uint64_t caller)
{
	if (READ_ONCE(lock->native_word) == 1)
		return false;
	take(lock, what, name, irqs_were(native_state.irqs_disabled) | LOCK_TRIED, caller);
	return true;
}

/* What that does to interrupts is judged; locks that are released with each other's flags swap what they saved. */
static void check_release(const void *lock, enum lock_release how)
{
	const unsigned saved = LOCK_IRQS_WERE_ON | LOCK_IRQ | LOCK_SAVED;
	struct native_held *h = find_held(lock), *heir;
	struct lock_held held;

	if (!h)
		return;
	held = as_judged(h);
	heir = find_held((void *)locks_releases(&held, how, !native_state.irqs_disabled));
	if (heir)
		heir->flags = (uint8_t)((heir->flags & ~saved) | (h->flags & saved));
}

/* False, and told, when the lock is not held: the context then stays as it is. */
static bool release(spinlock_t *lock, const char *what, const char *name)
{
	u32 word = READ_ONCE(lock->native_word);

	if (unlikely(!word)) {
		native_lock_complain(what, name, "the lock is not held");
		return false;
	}
	if (unlikely(word != 1))
		not_a_lock(what, name);
	lock->native_word = 0;
	native_held_pop(lock);
	return true;
}

NATIVE_API void spin_lock_init(spinlock_t *lock)
{
	lock->native_word = 0;
}

NATIVE_API void(spin_lock)(spinlock_t *lock, const char *name)
{
	native_preempt_add(PREEMPT_OFFSET);
	take(lock, "spin_lock", name, irqs_were(native_state.irqs_disabled), NATIVE_CALLER());
}

NATIVE_API void(spin_lock_bh)(spinlock_t *lock, const char *name)
{
	native_preempt_add(SOFTIRQ_DISABLE_OFFSET + PREEMPT_OFFSET);
	take(lock, "spin_lock_bh", name, irqs_were(native_state.irqs_disabled), NATIVE_CALLER());
}

NATIVE_API void(spin_lock_irq)(spinlock_t *lock, const char *name)
{
	unsigned were = irqs_were(native_state.irqs_disabled);

	native_state.irqs_disabled = true;
	native_preempt_add(PREEMPT_OFFSET);
	take(lock, "spin_lock_irq", name, were | LOCK_IRQ, NATIVE_CALLER());
}

NATIVE_API unsigned long(spin_lock_irqsave)(spinlock_t *lock, const char *name)
{
	unsigned were = irqs_were(native_state.irqs_disabled);
	unsigned long flags = native_irq_save();

	native_preempt_add(PREEMPT_OFFSET);
	take(lock, "spin_lock_irqsave", name, were | LOCK_IRQ | LOCK_SAVED, NATIVE_CALLER());
	return flags;
}

NATIVE_API int(spin_trylock)(spinlock_t *lock, const char *name)
{
	if (!try_take(lock, "spin_trylock", name, NATIVE_CALLER()))
		return 0;
	native_preempt_add(PREEMPT_OFFSET);
	return 1;
}

NATIVE_API int(spin_trylock_bh)(spinlock_t *lock, const char *name)
{
	if (!try_take(lock, "spin_trylock_bh", name, NATIVE_CALLER()))
		return 0;
	native_preempt_add(SOFTIRQ_DISABLE_OFFSET + PREEMPT_OFFSET);
	return 1;
}

NATIVE_API int(spin_trylock_irq)(spinlock_t *lock, const char *name)
{
	if (!try_take(lock, "spin_trylock_irq", name, NATIVE_CALLER()))
		return 0;
	native_state.irqs_disabled = true;
	native_preempt_add(PREEMPT_OFFSET);
	return 1;
}

NATIVE_API void(spin_unlock)(spinlock_t *lock, const char *name)
{
	if (release(lock, "spin_unlock", name))
		native_preempt_sub(PREEMPT_OFFSET, "spin_unlock() enables preemption");
}

NATIVE_API void(spin_unlock_bh)(spinlock_t *lock, const char *name)
{
	if (release(lock, "spin_unlock_bh", name)) {
		native_preempt_sub(PREEMPT_OFFSET, "spin_unlock_bh() enables preemption");
		native_preempt_sub(SOFTIRQ_DISABLE_OFFSET, "spin_unlock_bh() enables softirqs");
	}
}

NATIVE_API void(spin_unlock_irq)(spinlock_t *lock, const char *name)
{
	check_release(lock, LOCK_RELEASE_IRQ);
	if (release(lock, "spin_unlock_irq", name)) {
		native_state.irqs_disabled = false;
		native_preempt_sub(PREEMPT_OFFSET, "spin_unlock_irq() enables preemption");
	}
}

NATIVE_API void(spin_unlock_irqrestore)(spinlock_t *lock, unsigned long flags, const char *name)
{
	check_release(lock, irqs_disabled_flags(flags) ? LOCK_RESTORE_OFF : LOCK_RESTORE_ON);
	if (release(lock, "spin_unlock_irqrestore", name)) {
		native_irq_restore(flags);
		native_preempt_sub(PREEMPT_OFFSET, "spin_unlock_irqrestore() enables preemption");
	}
}

/* ---- rwlocks ---- */

static void rw_take(rwlock_t *lock, bool write, const char *what, const char *name, uint64_t caller)
{
	s32 readers = READ_ONCE(lock->native_readers);

	native_enter();
	native_preempt_add(PREEMPT_OFFSET);
	if (unlikely(readers < -1 || readers > READERS_MAX))
		not_a_lock(what, name), readers = 0;
	if (unlikely(readers < 0 || (write && readers)))
		spins_for_ever(lock, LOCK_RWLOCK, what, name, caller);
	lock->native_readers = write ? -1 : readers + 1;
	native_held_push(lock, name, LOCK_RWLOCK,
			 irqs_were(native_state.irqs_disabled) | (write ? 0 : LOCK_READER), caller);
}

static void rw_release(rwlock_t *lock, bool write, const char *what, const char *name)
{
	s32 readers = READ_ONCE(lock->native_readers);

	if (unlikely(write ? readers != -1 : readers <= 0)) {
		native_lock_complain(what, name, "the lock is not held");
		return;
	}
	lock->native_readers = write ? 0 : readers - 1;
	native_held_pop(lock);
	native_preempt_sub(PREEMPT_OFFSET, what);
}

NATIVE_API void rwlock_init(rwlock_t *lock)
{
	lock->native_readers = 0;
}

NATIVE_API void(read_lock)(rwlock_t *lock, const char *name)
{
	rw_take(lock, false, "read_lock", name, NATIVE_CALLER());
}

NATIVE_API void(read_unlock)(rwlock_t *lock, const char *name)
{
	rw_release(lock, false, "read_unlock", name);
}

NATIVE_API void(write_lock)(rwlock_t *lock, const char *name)
{
	rw_take(lock, true, "write_lock", name, NATIVE_CALLER());
}

NATIVE_API void(write_unlock)(rwlock_t *lock, const char *name)
{
	rw_release(lock, true, "write_unlock", name);
}
