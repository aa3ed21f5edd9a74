// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: WARN_ON() answers a failed allocation, so that a full machine looks like a broken one.
 * Finding: warning, refusal 1, in make_table().
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/slab.h>

static unsigned long *table;

static noinline unsigned long *make_table(void)
{
	unsigned long *new = kcalloc(16, sizeof(*new), GFP_KERNEL);

	if (BUGGY)
		WARN_ON(!new);
	return new;
}

static int __init warn_on_init(void)
{
	table = make_table();
	return table ? 0 : -ENOMEM;
}

static void __exit warn_on_exit(void)
{
	kfree(table);
}

module_init(warn_on_init);
module_exit(warn_on_exit);
MODULE_LICENSE("GPL");
