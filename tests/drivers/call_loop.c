// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when an entry cannot be made, those before it stay.
 * Finding: resource-leak (proc entry) of add_entry(): what the same line made before, and no part of the call that failed.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define ENTRIES 3

static const char *const names[ENTRIES] = {"kfail_call_a", "kfail_call_b", "kfail_call_c"};

static int show(struct seq_file *file, void *data)
{
	return 0;
}

static noinline bool add_entry(const char *name)
{
	return proc_create_single(name, 0444, NULL, show);
}

static void remove_entries(int count)
{
	while (count--)
		remove_proc_entry(names[count], NULL);
}

static int __init call_loop_init(void)
{
	int i;

	for (i = 0; i < ENTRIES; i++) {
		if (add_entry(names[i]))
			continue;
		if (!BUGGY)
			remove_entries(i);
		return -ENOMEM;
	}
	return 0;
}

static void __exit call_loop_exit(void)
{
	remove_entries(ENTRIES);
}

module_init(call_loop_init);
module_exit(call_loop_exit);
MODULE_LICENSE("GPL");
