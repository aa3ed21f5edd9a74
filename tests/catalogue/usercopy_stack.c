// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: copy_to_user() of more than lies on the stack there.
 * After: LKDTM USERCOPY_STACK_BEYOND.
 * Seen: out of bounds; hardened usercopy's BUG.
 */
#include "device.h"

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	char answer[32] = "answer";
	size_t length = fixed ? sizeof(answer) : THREAD_SIZE;

	if (copy_to_user(text, hide(&answer[0]), hide(length))) /* @bug */
		return -EFAULT;
	return sizeof(answer);
}

device_module(.read = bug_read);
