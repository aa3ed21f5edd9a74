// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/kmemleak, as mm/kmemleak.c of 6.1 has it in kernels with CONFIG_DEBUG_KMEMLEAK: one command for each
 * write, records to read. For a scenario's program, and for who looks from outside (look.c).
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include "host.h"

#define COMMAND_SIZE 64
#define PIECE	     1024 /* of the text, on a kernel stack */

static ssize_t write_command(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char command[COMMAND_SIZE];
	size_t n = min(size, sizeof(command) - 1);
	int error;

	if (strncpy_from_user(command, from, n) < 0)
		return -EFAULT;
	command[n] = '\0';
	error = host_kmemleak_write(command);
	if (error)
		return error;
	/* The rest is ignored: only one command at a time. */
	*pos += size;
	return size;
}

static ssize_t read_records(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	char piece[PIECE];
	size_t n = host_kmemleak_read(piece, min(size, sizeof(piece)), *pos);

	if (copy_to_user(to, piece, n))
		return -EFAULT;
	*pos += n;
	return n;
}

static const struct file_operations operations = {
	.open = nonseekable_open,
	.read = read_records,
	.write = write_command,
	.llseek = no_llseek,
};

/* Once. Nobody takes it away again, so its operations need no proxy of debugfs, which would have memory of its own. */
void kf_add_kmemleak_file(void)
{
	static bool added;

	if (!added)
		debugfs_create_file_unsafe("kmemleak", 0644, NULL, NULL, &operations);
	added = true;
}
