// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a device class registered.
 * Finding: resource-leak (class kfail_left), after the refusal of the kmalloc(), registered in
 * add_class().
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct class class = {.name = "kfail_left"};
static void *ring;

static noinline int add_class(void)
{
	return class_register(&class);
}

static int __init left_class_init(void)
{
	int err = add_class();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		class_unregister(&class);
	return -ENOMEM;
}

static void __exit left_class_exit(void)
{
	kfree(ring);
	class_unregister(&class);
}

module_init(left_class_init);
module_exit(left_class_exit);
MODULE_LICENSE("GPL");
