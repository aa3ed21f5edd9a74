// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: a library for other modules, which is of use to them without the table that init could not have.
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *table;

bool optional_export_has_table(void);

bool optional_export_has_table(void)
{
	return table;
}
EXPORT_SYMBOL_GPL(optional_export_has_table);

static int __init optional_export_init(void)
{
	table = kmalloc(96, GFP_KERNEL);
	return 0;
}

static void __exit optional_export_exit(void)
{
	kfree(table);
}

module_init(optional_export_init);
module_exit(optional_export_exit);
MODULE_LICENSE("GPL");
