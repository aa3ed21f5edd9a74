// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: init says that it succeeded, although its one registration failed: the module is there and nobody can reach it.
 * Finding: wrong-return (0), whichever request of the registration is refused.
 *
 * The twin does without its table and its file in debugfs, as it may: the device is there without them.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

static const struct file_operations fops = {.owner = THIS_MODULE};
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR, .name = "return_idle", .fops = &fops};
static bool registered;
static struct dentry *directory;
static void *table;

static int __init return_idle_init(void)
{
	int err = misc_register(&device);

	registered = !err;
	if (BUGGY)
		return 0;
	if (err)
		return err;
	table = kmalloc(96, GFP_KERNEL);
	directory = debugfs_create_dir("return_idle", NULL);
	return 0;
}

static void __exit return_idle_exit(void)
{
	debugfs_remove(directory);
	kfree(table);
	if (registered)
		misc_deregister(&device);
}

module_init(return_idle_init);
module_exit(return_idle_exit);
MODULE_LICENSE("GPL");
