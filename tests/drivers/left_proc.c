// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves an entry in /proc.
 * Finding: resource-leak (/proc/kfail_left), after the refusal of the kmalloc(), made in
 * add_entry().
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

static struct proc_dir_entry *entry;
static void *ring;

static int show(struct seq_file *file, void *unused)
{
	seq_puts(file, "nothing\n");
	return 0;
}

static noinline struct proc_dir_entry *add_entry(void)
{
	return proc_create_single("kfail_left", 0444, NULL, show);
}

static int __init left_proc_init(void)
{
	entry = add_entry();
	if (!entry)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		proc_remove(entry);
	return -ENOMEM;
}

static void __exit left_proc_exit(void)
{
	kfree(ring);
	proc_remove(entry);
}

module_init(left_proc_init);
module_exit(left_proc_exit);
MODULE_LICENSE("GPL");
