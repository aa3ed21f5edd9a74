// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: BUG_ON() answers a failed allocation.
 * Finding: bug, refusal 1, in make_table().
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/slab.h>

static unsigned long *table;

static noinline unsigned long *make_table(void)
{
	unsigned long *new = kcalloc(16, sizeof(*new), GFP_KERNEL);

	if (BUGGY)
		BUG_ON(!new);
	return new;
}

static int __init bug_on_init(void)
{
	table = make_table();
	return table ? 0 : -ENOMEM;
}

static void __exit bug_on_exit(void)
{
	kfree(table);
}

module_init(bug_on_init);
module_exit(bug_on_exit);
MODULE_LICENSE("GPL");
