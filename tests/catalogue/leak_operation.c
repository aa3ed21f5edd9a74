// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an operation that has nothing to tell forgets what it has allocated.
 * Seen: leak.
 */
#include "device.h"

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	char *answer = kzalloc(64, GFP_KERNEL); /* @made */

	if (!answer)
		return -ENOMEM;
	if (size != 64 && !fixed)
		return 0; /* @bug */
	size = min_t(size_t, size, 64);
	if (copy_to_user(text, answer, size))
		size = -EFAULT;
	kfree(answer);
	return size;
}

device_module(.read = bug_read);
