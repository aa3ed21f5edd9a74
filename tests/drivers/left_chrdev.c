// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a range of character device numbers registered.
 * Finding: resource-leak (chrdev region), after the refusal of the kmalloc(), registered in
 * add_numbers().
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static dev_t numbers;
static void *ring;

static noinline int add_numbers(void)
{
	return alloc_chrdev_region(&numbers, 0, 4, "kfail_left");
}

static int __init left_chrdev_init(void)
{
	int err = add_numbers();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		unregister_chrdev_region(numbers, 4);
	return -ENOMEM;
}

static void __exit left_chrdev_exit(void)
{
	kfree(ring);
	unregister_chrdev_region(numbers, 4);
}

module_init(left_chrdev_init);
module_exit(left_chrdev_exit);
MODULE_LICENSE("GPL");
