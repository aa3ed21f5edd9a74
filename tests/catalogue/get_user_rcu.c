// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: get_user() in a read-side critical section of RCU.
 * Seen: sleep in atomic.
 */
#include <linux/rcupdate.h>
#include "device.h"

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	ssize_t done = 1;
	char first;

	rcu_read_lock();
	if (fixed)
		rcu_read_unlock();
	if (get_user(first, text)) /* @bug */
		done = -EFAULT;
	if (!fixed)
		rcu_read_unlock();
	keep(first);
	return done;
}

device_module(.read = bug_read);
