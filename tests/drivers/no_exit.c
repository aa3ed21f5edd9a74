// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: a module without an exit function is never unloaded, so what it holds after a good init is in use.
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *table;

static int __init no_exit_init(void)
{
	table = kmalloc(96, GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

module_init(no_exit_init);
MODULE_LICENSE("GPL");
