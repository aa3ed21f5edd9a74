// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is taken that the same task holds.
 * Seen: a hang, or lockdep's possible recursive locking.
 */
#include <linux/mutex.h>
#include "catalogue.h"

static DEFINE_MUTEX(lock);

static noinline void reset(void)
{
	mutex_lock(&lock); /* @bug */
	mutex_unlock(&lock);
}

static int __init start(void)
{
	mutex_lock(&lock);
	if (fixed)
		mutex_unlock(&lock);
	reset();
	if (!fixed)
		mutex_unlock(&lock);
	return 0;
}

only_init(start);
