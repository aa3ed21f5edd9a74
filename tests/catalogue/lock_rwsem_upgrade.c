// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a reader of a semaphore asks to write without going away.
 * Seen: a hang, or lockdep's possible recursive locking.
 */
#include <linux/rwsem.h>
#include "catalogue.h"

static DECLARE_RWSEM(lock);

static int __init start(void)
{
	down_read(&lock);
	if (fixed)
		up_read(&lock);
	down_write(&lock); /* @bug */
	up_write(&lock);
	if (!fixed)
		up_read(&lock);
	return 0;
}

only_init(start);
