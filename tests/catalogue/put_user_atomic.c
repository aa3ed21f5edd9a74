// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: put_user() under a spin lock.
 * Seen: sleep in atomic.
 */
#include <linux/spinlock.h>
#include "device.h"

static DEFINE_SPINLOCK(lock);

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	char answer = hide(7);
	ssize_t done = sizeof(answer);

	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	if (put_user(answer, text)) /* @bug */
		done = -EFAULT;
	if (!fixed)
		spin_unlock(&lock);
	return done;
}

device_module(.read = bug_read);
