/* SPDX-License-Identifier: GPL-2.0-only */
/* Misc devices: one minor of major 10 each. */
#ifndef KFAIL_LINUX_MISCDEVICE_H
#define KFAIL_LINUX_MISCDEVICE_H

#include "device.h"
#include "fs.h"

#define MISC_MAJOR	   10
#define MISC_DYNAMIC_MINOR 255

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
	const void *groups;
	const char *nodename;
	umode_t mode;
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#define module_misc_device(misc_)             \
	static int __init misc_##_init(void)  \
	{                                     \
		return misc_register(&misc_); \
	}                                     \
	module_init(misc_##_init);            \
	static void __exit misc_##_exit(void) \
	{                                     \
		misc_deregister(&misc_);      \
	}                                     \
	module_exit(misc_##_exit)

#endif
