// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a misc device is deregistered twice.
 * Seen: BUG: the list of devices is asked to delete what is not on it.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include "catalogue.h"

static const struct file_operations operations = {.owner = THIS_MODULE};
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "catalogue",
	.fops = &operations,
};

static int __init start(void)
{
	return misc_register(&device);
}

static void __exit stop(void)
{
	misc_deregister(&device);
	if (!fixed)
		misc_deregister(&device); /* @bug */
}

module_init(start);
module_exit(stop);
