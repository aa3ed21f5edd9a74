// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: copy_to_user() under a spin lock.
 * Seen: sleep in atomic.
 */
#include <linux/spinlock.h>
#include "device.h"

static DEFINE_SPINLOCK(lock);

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	static const char answer[8] = "answer";
	ssize_t done = sizeof(answer);

	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	if (copy_to_user(text, answer, sizeof(answer))) /* @bug */
		done = -EFAULT;
	if (!fixed)
		spin_unlock(&lock);
	return done;
}

device_module(.read = bug_read);
