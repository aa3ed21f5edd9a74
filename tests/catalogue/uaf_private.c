// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: close frees what read still uses through another file.
 * Seen: use after free.
 */
#include "device.h"

static char *state;

static int users;

static int bug_open(struct inode *inode, struct file *file)
{
	if (!state)
		state = kzalloc(128, GFP_KERNEL); /* @made */
	if (!state)
		return -ENOMEM;
	users++;
	return 0;
}

static int bug_close(struct inode *inode, struct file *file)
{
	users--;
	if (fixed && users)
		return 0;
	kfree(state); /* @freed */
	state = fixed || !users ? NULL : state;
	return 0;
}

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	WRITE_ONCE(state[64], 1); /* @bug */
	return 0;
}

device_module(.open = bug_open, .release = bug_close, .read = bug_read);
