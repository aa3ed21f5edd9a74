// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: when the character device cannot be added, its numbers stay registered.
 * Finding: resource-leak (character device region) of add_numbers(), after cdev_add() failed.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>

static const struct file_operations fops = {.owner = THIS_MODULE};
static struct cdev cdev;
static dev_t numbers;

static noinline int add_numbers(void)
{
	return alloc_chrdev_region(&numbers, 0, 2, "kfail_call");
}

static int __init call_cdev_init(void)
{
	int err = add_numbers();

	if (err)
		return err;
	cdev_init(&cdev, &fops);
	err = cdev_add(&cdev, numbers, 2);
	if (err && !BUGGY)
		unregister_chrdev_region(numbers, 2);
	return err;
}

static void __exit call_cdev_exit(void)
{
	cdev_del(&cdev);
	unregister_chrdev_region(numbers, 2);
}

module_init(call_cdev_init);
module_exit(call_cdev_exit);
MODULE_LICENSE("GPL");
