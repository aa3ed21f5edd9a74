// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: what init could not have, the module does without, and returns 0. It holds nothing then, and still is of use: its notifier
 * is on the kernel's list, which costs no memory. (return_idle.c is one that is of none.)
 */
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/slab.h>

static void *table;

static int rebooting(struct notifier_block *block, unsigned long event, void *unused)
{
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = rebooting};

static int __init optional_init(void)
{
	int err = register_reboot_notifier(&block);

	if (err)
		return err;
	table = kmalloc(96, GFP_KERNEL);
	return 0;
}

static void __exit optional_exit(void)
{
	kfree(table);
	unregister_reboot_notifier(&block);
}

module_init(optional_init);
module_exit(optional_exit);
MODULE_LICENSE("GPL");
