// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate's positive control: a module that leaks when its second request is refused. A kfail that does not find
 * this finds nothing, and its silence about other modules means nothing.
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *first, *second;

static int __init canary_init(void)
{
	first = kmalloc(96, GFP_KERNEL);
	if (!first)
		return -ENOMEM;
	second = kmalloc(512, GFP_KERNEL);
	if (!second)
		return -ENOMEM; /* the bug: `first` is still there */
	return 0;
}

static void __exit canary_exit(void)
{
	kfree(second);
	kfree(first);
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
