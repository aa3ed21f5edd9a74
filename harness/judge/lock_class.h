/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classes of locks: what lockdep makes of the place where a lock is initialised, which nobody can see here.
 *
 *	static lock		its address
 *	in an object of the driver	where the driver allocated the object, its size, and the lock's offset in it
 *	in another object	that very object: what the kernel keeps in one cache (inodes, say) has classes of its own
 *	on a stack		no class: it orders nothing
 *	not a lock		hardirq, softirq, fs_reclaim
 *
 * A class is plain data without pointers, and its key is the same in all processes of a sweep.
 */
#ifndef KFAIL_JUDGE_LOCK_CLASS_H
#define KFAIL_JUDGE_LOCK_CLASS_H

#include <stdbool.h>
#include <stdint.h>
#include "locks.h"

enum lock_class_form { CLASS_NONE, CLASS_STATIC, CLASS_DRIVERS, CLASS_INSTANCE, CLASS_CONTEXT };

struct lock_class {
	uint64_t key;  /* 0: it has no class */
	uint64_t addr; /* static: of the lock; driver's object: return address of the allocation */
	uint64_t offset;
	uint8_t form; /* enum lock_class_form */
	uint8_t kind; /* enum lock_kind */
	char cache[32];
};

/* The class of a lock, as memory is now. Not for RCU. */
struct lock_class lock_class_of(uint64_t lock, unsigned kind);
/* Of LOCK_HARDIRQ and its kin. */
struct lock_class lock_class_of_context(unsigned kind);
/* "demo:list_lock", "kmalloc-96 object from add_slot()+0x18"; malloc()ed. Not for hooks: reads symbols. */
char *lock_class_name(const struct lock_class *class);

#endif
