// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a misc device, whose operations are gone then.
 * Seen: resource leak.
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
	return misc_register(&device); /* @made */
}

static void __exit stop(void)
{
	if (fixed)
		misc_deregister(&device);
}

module_init(start);
module_exit(stop);
