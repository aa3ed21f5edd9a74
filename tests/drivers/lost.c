// SPDX-License-Identifier: GPL-2.0
/*
 * Loses what it allocates until its exit: each write() makes a buffer, and only a number that is no pointer remembers it; exit
 * frees them all. At the end nothing is left, so only a scan in between sees the leak (--scan-every). Bugs by the
 * parameter `bug`:
 *
 *	write	the buffer of each write() is lost
 *	init	a buffer of init is lost
 *	(none)	all are on a list
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define BUFFERS 16
#define SECRET	0x5a5a5a5a5a5a5a5aul

struct buffer {
	struct list_head list;
	char text[80];
};

static char *bug = "";
module_param(bug, charp, 0444);

static LIST_HEAD(buffers);
static unsigned long lost[BUFFERS];
static unsigned int lost_count;

static noinline struct buffer *make_buffer(void)
{
	return kzalloc(sizeof(struct buffer), GFP_KERNEL);
}

static int add_buffer(bool lose)
{
	struct buffer *buffer;

	if (lost_count == BUFFERS)
		return -ENOSPC;
	buffer = make_buffer();
	if (!buffer)
		return -ENOMEM;
	if (lose)
		lost[lost_count++] = (unsigned long)buffer ^ SECRET;
	else
		list_add(&buffer->list, &buffers);
	return 0;
}

static ssize_t lost_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	int error = add_buffer(!strcmp(bug, "write"));

	return error ? error : size;
}

static const struct file_operations lost_fops = {
	.owner = THIS_MODULE,
	.write = lost_write,
};

static struct miscdevice lost_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lost",
	.fops = &lost_fops,
};

static void free_all(void)
{
	struct buffer *buffer, *next;

	list_for_each_entry_safe(buffer, next, &buffers, list)
		kfree(buffer);
	while (lost_count)
		kfree((void *)(lost[--lost_count] ^ SECRET));
}

static int __init lost_init(void)
{
	int error = add_buffer(!strcmp(bug, "init"));

	if (!error)
		error = misc_register(&lost_device);
	if (error)
		free_all();
	return error;
}

static void __exit lost_exit(void)
{
	misc_deregister(&lost_device);
	free_all();
}

module_init(lost_init);
module_exit(lost_exit);
MODULE_LICENSE("GPL");
