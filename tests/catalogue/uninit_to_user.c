// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the padding of a structure, never set, goes to the user.
 * Seen: use of uninitialised memory, by valgrind only (KMSAN in the kernel).
 */
#include "device.h"

struct answer {
	char state;
	long number;
};

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	struct answer *answer = fixed ? kzalloc(sizeof(*answer), GFP_KERNEL)
				      : kmalloc(sizeof(*answer), GFP_KERNEL); /* @made */
	ssize_t done = sizeof(*answer);

	if (!answer)
		return -ENOMEM;
	answer->state = 1;
	answer->number = 2;
	if (copy_to_user(text, answer, sizeof(*answer))) /* @bug */
		done = -EFAULT;
	kfree(answer);
	return done;
}

device_module(.read = bug_read);
