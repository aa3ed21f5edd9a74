/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files of locks share. */
#ifndef KFAIL_NATIVE_LOCKS_H
#define KFAIL_NATIVE_LOCKS_H

#include "runtime.h"

/* The table of held locks; a lock that is taken twice (by readers) stands there twice. */
void native_held_push(const void *lock, const char *name, const char *sleeping);
void native_held_pop(const void *lock);

/* Tell the judges "what(name): problem". */
void native_lock_complain(const char *what, const char *name, const char *problem);

#endif
