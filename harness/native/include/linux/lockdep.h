/* SPDX-License-Identifier: GPL-2.0-only */
/* Assertions about held locks; the classes of lockdep are not kept. */
#ifndef KFAIL_LINUX_LOCKDEP_H
#define KFAIL_LINUX_LOCKDEP_H

#include "bug.h"

struct lock_class_key {
};

bool native_lock_held(const void *lock);
#define lockdep_is_held(lock)		native_lock_held(lock)
#define lockdep_assert_held(lock)	WARN_ON(!native_lock_held(lock))
#define lockdep_assert_held_write(lock) lockdep_assert_held(lock)
#define lockdep_assert_held_read(lock)	lockdep_assert_held(lock)
#define lockdep_assert_not_held(lock)	WARN_ON(native_lock_held(lock))
#define lockdep_set_class(lock, key)	((void)(lock), (void)(key))
#define lockdep_register_key(key)	((void)(key))
#define lockdep_unregister_key(key)	((void)(key))
#define might_lock(lock)		((void)(lock))

#endif
