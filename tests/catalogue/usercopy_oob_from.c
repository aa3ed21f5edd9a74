// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: copy_from_user() of as much as the user says, into an object that is smaller.
 * After: LKDTM USERCOPY_HEAP_SIZE_FROM; kasan_test copy_user_test.
 * Seen: out of bounds; hardened usercopy's BUG.
 */
#include "device.h"

static ssize_t bug_write(struct file *file, const char __user *text, size_t size, loff_t *at)
{
	char *copy = kzalloc(32, GFP_KERNEL); /* @made */
	ssize_t done = size;

	if (!copy)
		return -ENOMEM;
	if (copy_from_user(hide(copy), text,
			   fixed ? min_t(size_t, size, 32) : hide(size))) /* @bug */
		done = -EFAULT;
	kfree(copy);
	return done;
}

device_module(.write = bug_write);
