// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a pointer of the user's program is dereferenced.
 * After: LKDTM ACCESS_USERSPACE; kasan_test user-memory-access.
 * Seen: wild access: a processor with SMAP faults; UML has the same address space for both.
 */
#include "device.h"

static ssize_t bug_write(struct file *file, const char __user *text, size_t size, loff_t *at)
{
	char first;

	if (fixed) {
		if (get_user(first, text))
			return -EFAULT;
	} else {
		first = *(const char __force *)hide(text); /* @bug */
	}
	return first == 'x' ? size : -EINVAL;
}

device_module(.write = bug_write);
