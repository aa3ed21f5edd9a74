// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a spin lock is taken that the same task holds.
 * After: LKDTM SPINLOCKUP.
 * Seen: a hang, or lockdep's possible recursive locking.
 */
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static noinline void reset(void)
{
	spin_lock(&lock); /* @bug */
	spin_unlock(&lock);
}

static int __init start(void)
{
	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	reset();
	if (!fixed)
		spin_unlock(&lock);
	return 0;
}

only_init(start);
