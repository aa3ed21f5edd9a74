// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path gives the device numbers back, but leaves the cdev that answers for them.
 * Finding: resource-leak (cdev), after the refusal of the kmalloc(), added in add_cdev().
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

static const struct file_operations operations = {.owner = THIS_MODULE, .llseek = noop_llseek};
static struct cdev cdev;
static dev_t number;
static void *ring;

static noinline int add_cdev(void)
{
	cdev_init(&cdev, &operations);
	cdev.owner = THIS_MODULE;
	return cdev_add(&cdev, number, 1);
}

static int __init left_cdev_init(void)
{
	int err = alloc_chrdev_region(&number, 0, 1, "kfail_left");

	if (err)
		return err;
	err = add_cdev();
	if (err)
		goto give_number_back;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	err = -ENOMEM;
	if (!BUGGY)
		cdev_del(&cdev);
give_number_back:
	unregister_chrdev_region(number, 1);
	return err;
}

static void __exit left_cdev_exit(void)
{
	kfree(ring);
	cdev_del(&cdev);
	unregister_chrdev_region(number, 1);
}

module_init(left_cdev_init);
module_exit(left_cdev_exit);
MODULE_LICENSE("GPL");
