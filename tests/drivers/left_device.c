// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a device registered.
 * Finding: resource-leak (device kfail_left), after the refusal of the kmalloc(), registered in
 * add_device().
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *device;
static void *ring;

static noinline struct device *add_device(void)
{
	return root_device_register("kfail_left");
}

static int __init left_device_init(void)
{
	device = add_device();
	if (IS_ERR(device))
		return PTR_ERR(device);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		root_device_unregister(device);
	return -ENOMEM;
}

static void __exit left_device_exit(void)
{
	kfree(ring);
	root_device_unregister(device);
}

module_init(left_device_init);
module_exit(left_device_exit);
MODULE_LICENSE("GPL");
