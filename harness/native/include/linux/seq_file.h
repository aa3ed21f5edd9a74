/* SPDX-License-Identifier: GPL-2.0-only */
/* Text files that are read in sequence. The buffer is the reader's; nobody reads here, unless a
 * test does. */
#ifndef KFAIL_LINUX_SEQ_FILE_H
#define KFAIL_LINUX_SEQ_FILE_H

#include "fs.h"

struct seq_operations;

struct seq_file {
	char *buf;
	size_t size, from, count;
	loff_t index;
	const struct seq_operations *op;
	void *private;
};

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

#define SEQ_START_TOKEN ((void *)1)
#define SEQ_SKIP	1

__printf(2, 3) void seq_printf(struct seq_file *m, const char *fmt, ...);
void seq_puts(struct seq_file *m, const char *s);
void seq_putc(struct seq_file *m, char c);
int seq_write(struct seq_file *m, const void *data, size_t len);
int seq_open(struct file *file, const struct seq_operations *op);
int seq_release(struct inode *inode, struct file *file);
int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data);
int single_release(struct inode *inode, struct file *file);
ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);

#define DEFINE_SHOW_ATTRIBUTE(name)                                      \
	static int name##_open(struct inode *inode, struct file *file)   \
	{                                                                \
		return single_open(file, name##_show, inode->i_private); \
	}                                                                \
	static const struct file_operations name##_fops = {              \
		.owner = THIS_MODULE,                                    \
		.open = name##_open,                                     \
		.read = seq_read,                                        \
		.llseek = seq_lseek,                                     \
		.release = single_release,                               \
	}

#endif
