// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a directory in debugfs.
 * Seen: resource leak.
 */
#include <linux/debugfs.h>
#include "catalogue.h"

static struct dentry *directory;

static int __init start(void)
{
	directory = debugfs_create_dir("catalogue", NULL); /* @made */
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		debugfs_remove(directory);
}

module_init(start);
module_exit(stop);
