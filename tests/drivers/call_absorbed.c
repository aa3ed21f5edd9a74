// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: a driver goes on without its entries in debugfs, whichever of them could not be made.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>

static const struct file_operations fops = {.owner = THIS_MODULE};
static struct dentry *directory;

static int __init call_absorbed_init(void)
{
	directory = debugfs_create_dir("kfail_call", NULL);
	debugfs_create_file("state", 0444, directory, NULL, &fops);
	debugfs_create_file("control", 0200, directory, NULL, &fops);
	return 0;
}

static void __exit call_absorbed_exit(void)
{
	debugfs_remove(directory);
}

module_init(call_absorbed_init);
module_exit(call_absorbed_exit);
MODULE_LICENSE("GPL");
