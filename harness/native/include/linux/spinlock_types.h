/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks have the size that they have in the kernel, so that the objects around them fall into the
 * same size class. The word is 0 or 1; anything else is no lock.
 */
#ifndef KFAIL_LINUX_SPINLOCK_TYPES_H
#define KFAIL_LINUX_SPINLOCK_TYPES_H

#include "types.h"

typedef struct spinlock {
	u32 native_word;
} spinlock_t;
typedef struct spinlock raw_spinlock_t;
typedef struct {
	s32 native_readers; /* -1: held by a writer */
	u32 unused;
} rwlock_t;

#define __SPIN_LOCK_UNLOCKED(name) \
	{                          \
		.native_word = 0   \
	}
#define __RAW_SPIN_LOCK_UNLOCKED(name) \
	{                              \
		.native_word = 0       \
	}
#define __RW_LOCK_UNLOCKED(name)    \
	{                           \
		.native_readers = 0 \
	}
#define DEFINE_SPINLOCK(x)     spinlock_t x = __SPIN_LOCK_UNLOCKED(x)
#define DEFINE_RAW_SPINLOCK(x) raw_spinlock_t x = __SPIN_LOCK_UNLOCKED(x)
#define DEFINE_RWLOCK(x)       rwlock_t x = __RW_LOCK_UNLOCKED(x)

#endif
