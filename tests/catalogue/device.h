/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the modules of the catalogue whose bug is in an operation of a device: /dev/catalogue.
 * use_device.c is the scenario: it opens the device twice, closes it once, writes 48 bytes, reads
 * 48, and closes it.
 */
#ifndef KFAIL_CATALOGUE_DEVICE_H
#define KFAIL_CATALOGUE_DEVICE_H

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include "catalogue.h"

static ssize_t __maybe_unused no_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	return 0;
}

static ssize_t __maybe_unused no_write(struct file *file, const char __user *text, size_t size,
				       loff_t *at)
{
	return size;
}

/* The operations that are not given do nothing. */
#define device_module(...)                                 \
	static const struct file_operations operations = { \
		.owner = THIS_MODULE,                      \
		.read = no_read,                           \
		.write = no_write,                         \
		__VA_ARGS__,                               \
	};                                                 \
	static struct miscdevice device = {                \
		.minor = MISC_DYNAMIC_MINOR,               \
		.name = "catalogue",                       \
		.fops = &operations,                       \
	};                                                 \
	module_misc_device(device)

#endif
