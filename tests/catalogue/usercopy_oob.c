// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: copy_to_user() of more than the object has.
 * After: LKDTM USERCOPY_HEAP_SIZE_TO; kasan_test copy_user_test.
 * Seen: out of bounds; hardened usercopy's BUG.
 */
#include "device.h"

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	char *answer = kzalloc(32, GFP_KERNEL); /* @made */
	ssize_t done = fixed ? 32 : 48;

	if (!answer)
		return -ENOMEM;
	if (copy_to_user(text, hide(answer), hide(done))) /* @bug */
		done = -EFAULT;
	kfree(answer);
	return done;
}

device_module(.read = bug_read);
