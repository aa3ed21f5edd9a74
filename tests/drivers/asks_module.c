// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: what a module that request_module() loads allocates is not the requester's.
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/slab.h>

static void *table;

static int __init asks_module_init(void)
{
	request_module("loop");
	table = kmalloc(96, GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

static void __exit asks_module_exit(void)
{
	kfree(table);
}

module_init(asks_module_init);
module_exit(asks_module_exit);
MODULE_LICENSE("GPL");
