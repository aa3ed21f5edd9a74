/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the layer that replace lock functions share: noting and striking out (held.h). */
#ifndef KFAIL_OVERRIDE_LOCK_NOTES_H
#define KFAIL_OVERRIDE_LOCK_NOTES_H

#include <linux/sched.h>
#include "held.h"
#include "host.h"

#define CALLER ((unsigned long)__builtin_return_address(0))

extern struct kf_lock_table kf_locks;

/* A lock that the driver takes, or that is taken under one of the driver's: for the judges. */
void kf_lock_tell(struct kf_held *held);
/* Strike out what is not the newest, or is not there; false: it is not there. */
bool kf_strike_out(const void *lock, unsigned int kind);
/* The newest entry of that lock, whoever's; NULL: none. */
struct kf_held *kf_find_held(const void *lock, unsigned int kind);
/* The newest of the running task. */
struct kf_held *kf_find_own(const void *lock, unsigned int kind);
/* A lock that will never be free for the running task. */
void __noreturn kf_lock_blocks(const void *lock, unsigned int kind, unsigned long caller,
			       const char *why);

static __always_inline bool kf_by_driver(unsigned long pc)
{
	return pc - kf_locks.driver_code[0].start < kf_locks.driver_code[0].size ||
	       pc - kf_locks.driver_code[1].start < kf_locks.driver_code[1].size;
}

static __always_inline void kf_took(const void *lock, unsigned int kind, unsigned int flags,
				    unsigned long caller)
{
	struct kf_held *held;

	if (unlikely(kf_locks.count == KF_HELD_MAX)) {
		kf_locks.lost++;
		return;
	}
	held = &kf_locks.held[kf_locks.count++];
	held->lock = (unsigned long)lock;
	held->caller = caller;
	held->task = (unsigned long)current;
	held->stack = 0;
	held->context = preempt_count();
	held->kind = kind;
	held->flags = flags;
	if (unlikely(kf_by_driver(caller))) {
		held->flags |= KF_HELD_DRIVER;
		kf_locks.driver++;
		kf_lock_tell(held);
	} else if (unlikely(kf_locks.driver)) {
		kf_lock_tell(held);
	}
}

static __always_inline bool kf_released(const void *lock, unsigned int kind)
{
	struct kf_held *top = &kf_locks.held[kf_locks.count - 1];

	if (unlikely(!kf_locks.count || top->lock != (unsigned long)lock || top->kind != kind ||
		     top->task != (unsigned long)current))
		return kf_strike_out(lock, kind);
	kf_locks.count--;
	if (unlikely(top->flags & KF_HELD_DRIVER))
		kf_locks.driver--;
	return true;
}

#endif
