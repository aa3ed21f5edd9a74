// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of held locks (held.h): what lockdep would know (Debian's kernels are built without it). What is kept for every lock is
 * inline in lock_notes.h; here is what happens seldom.
 *
 * Equation: an entry stands for one call that took a lock and was not undone by one that released it; `driver` is the
 * number of entries that the driver made.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/hash.h>
#include "lock_notes.h"

#define SEEN_BITS 8

struct kf_lock_table kf_locks;

/* Kernel locks taken under one of the driver's, told already: the same run does not ask again. */
static u64 seen[1 << SEEN_BITS];

static bool was_seen(const struct kf_held *held)
{
	u64 key = held->lock * 31 + held->caller * 7;
	u32 i;

	for (i = 0; i + 1 < kf_locks.count; i++)
		if (kf_locks.held[i].flags & KF_HELD_DRIVER)
			key = key * 33 + kf_locks.held[i].lock;
	i = hash_64(key, SEEN_BITS);
	if (seen[i] == key)
		return true;
	seen[i] = key;
	return false;
}

void kf_lock_tell(struct kf_held *held)
{
	if ((held->flags & KF_HELD_DRIVER) || !was_seen(held))
		held->stack = host_lock_taken(held);
}

static int find(const void *lock, unsigned int kind, bool own)
{
	int i;

	for (i = kf_locks.count; i-- > 0;)
		if (kf_locks.held[i].lock == (unsigned long)lock && kf_locks.held[i].kind == kind &&
		    (!own || kf_locks.held[i].task == (unsigned long)current))
			return i;
	return -1;
}

struct kf_held *kf_find_held(const void *lock, unsigned int kind)
{
	int i = find(lock, kind, false);

	return i < 0 ? NULL : &kf_locks.held[i];
}

struct kf_held *kf_find_own(const void *lock, unsigned int kind)
{
	int i = find(lock, kind, true);

	return i < 0 ? NULL : &kf_locks.held[i];
}

static void drop(int i)
{
	if (kf_locks.held[i].flags & KF_HELD_DRIVER)
		kf_locks.driver--;
	kf_locks.count--;
	memmove(&kf_locks.held[i], &kf_locks.held[i + 1],
		(kf_locks.count - i) * sizeof(kf_locks.held[0]));
}

/* The running task's own entry first: a lock that is read by several has several. */
bool kf_strike_out(const void *lock, unsigned int kind)
{
	int i = find(lock, kind, true);

	if (i < 0)
		i = find(lock, kind, false);
	if (i >= 0) {
		drop(i);
		return true;
	}
	if (!kf_locks.lost)
		return false;
	kf_locks.lost--;
	return true;
}

void __noreturn kf_lock_blocks(const void *lock, unsigned int kind, unsigned long caller,
			       const char *why)
{
	host_lock_wrong(KF_WRONG_BLOCKS, (unsigned long)lock, kind, caller,
			kf_find_held(lock, kind));
	end_world(KF_END_DEADLOCK, why);
}

/* A task that is through with its work: a kernel thread that ends, a worker that waits for the next. What it still holds
 * nobody will ever release. */
void kf_check_task_locks(void)
{
	int i;

	for (i = kf_locks.count; i-- > 0;) {
		if (kf_locks.held[i].task != (unsigned long)current)
			continue;
		if (kf_locks.held[i].flags & KF_HELD_DRIVER &&
		    kf_locks.held[i].kind != KF_LOCK_SEMAPHORE)
			host_lock_wrong(KF_WRONG_AT_END, kf_locks.held[i].lock,
					kf_locks.held[i].kind, kf_locks.held[i].caller,
					&kf_locks.held[i]);
		drop(i);
	}
}

/* For the host: the running task. */
u64 kf_current(void)
{
	return (u64)current;
}
