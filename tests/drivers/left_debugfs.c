// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a directory in debugfs.
 * Finding: resource-leak (debugfs kfail_left), after the refusal of the kmalloc(), made in
 * add_directory().
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct dentry *directory;
static void *ring;

/* As everywhere in the kernel, a failure of debugfs itself is not looked at. */
static noinline void add_directory(void)
{
	directory = debugfs_create_dir("kfail_left", NULL);
}

static int __init left_debugfs_init(void)
{
	add_directory();
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		debugfs_remove_recursive(directory);
	return -ENOMEM;
}

static void __exit left_debugfs_exit(void)
{
	kfree(ring);
	debugfs_remove_recursive(directory);
}

module_init(left_debugfs_init);
module_exit(left_debugfs_exit);
MODULE_LICENSE("GPL");
