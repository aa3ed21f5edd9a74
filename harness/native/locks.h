/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files of locks share. */
#ifndef KFAIL_NATIVE_LOCKS_H
#define KFAIL_NATIVE_LOCKS_H

#include "runtime.h"

#include "../judge/locks.h"

/* The table of held locks; a lock that is taken twice (by readers) stands there twice. `flags`: of judge/locks.h. */
void native_held_push(const void *lock, const char *name, enum lock_kind kind, unsigned flags,
		      uint64_t caller);
void native_held_pop(const void *lock);

/* It will never be free for who wants it: the judges are told; how that ends is the caller's. */
void native_lock_blocks(const void *lock, enum lock_kind kind, uint64_t caller);

/* An rw_semaphore is taken for reading by a task that reads already. */
void native_reads_again(const void *lock, uint64_t caller);

/* Tell the judges "what(name): problem". */
void native_lock_complain(const char *what, const char *name, const char *problem);

#endif
