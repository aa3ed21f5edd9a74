// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: nobody is to ask whether a file in debugfs could be made, not even who has nothing else.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

static struct dentry *directory;
static u32 value;

static int __init optional_debugfs_init(void)
{
	directory = debugfs_create_dir("optional_debugfs", NULL);
	debugfs_create_u32("value", 0400, directory, &value);
	return 0;
}

static void __exit optional_debugfs_exit(void)
{
	debugfs_remove(directory);
}

module_init(optional_debugfs_init);
module_exit(optional_debugfs_exit);
MODULE_LICENSE("GPL");
