// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an operation comes back to the user's program with a mutex held.
 * After: LKDTM; lockdep.
 * Seen: lock imbalance; lockdep's lock held when returning to user space.
 */
#include <linux/mutex.h>
#include "device.h"

static DEFINE_MUTEX(lock);

static ssize_t bug_write(struct file *file, const char __user *text, size_t size, loff_t *at)
{
	mutex_lock(&lock); /* @bug */
	if (size > 16 && !fixed)
		return 16;
	mutex_unlock(&lock);
	return size;
}

device_module(.write = bug_write);
