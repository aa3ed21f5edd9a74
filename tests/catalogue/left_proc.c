// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a file in /proc.
 * Seen: resource leak; the kernel warns only when the module's name is its own directory.
 */
#include <linux/proc_fs.h>
#include "catalogue.h"

static const struct proc_ops operations;
static struct proc_dir_entry *entry;

static int __init start(void)
{
	entry = proc_create("catalogue", 0400, NULL, &operations); /* @made */
	return entry ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		proc_remove(entry);
}

module_init(start);
module_exit(stop);
