// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memory that the device manages is freed twice.
 * Finding: warning, in drop_table(), without a refusal.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *device;
static void *table;

static noinline void drop_table(void)
{
	devm_kfree(device, table);
}

static int __init warn_devm_kfree_init(void)
{
	device = root_device_register("kfail_warn_devm");
	if (IS_ERR(device))
		return PTR_ERR(device);
	table = devm_kzalloc(device, 100, GFP_KERNEL);
	if (table)
		return 0;
	root_device_unregister(device);
	return -ENOMEM;
}

static void __exit warn_devm_kfree_exit(void)
{
	drop_table();
	if (BUGGY)
		drop_table();
	root_device_unregister(device);
}

module_init(warn_devm_kfree_init);
module_exit(warn_devm_kfree_exit);
MODULE_LICENSE("GPL");
