// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: after device_register() failed, the device is freed at once: only put_device() also drops its name.
 * Finding: resource-leak (device name) of name_device(). In the corrected twin put_device() must meet a device that was
 * initialised, although its registration was refused.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *device;

static void release(struct device *dev)
{
	kfree(dev);
}

static noinline int name_device(void)
{
	return dev_set_name(device, "kfail_call_%s", "with_a_name");
}

static int __init call_device_init(void)
{
	int err;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	device->release = release;
	err = name_device();
	if (err) {
		kfree(device);
		return err;
	}
	err = device_register(device);
	if (err && BUGGY)
		kfree(device);
	else if (err)
		put_device(device);
	return err;
}

static void __exit call_device_exit(void)
{
	device_unregister(device);
}

module_init(call_device_init);
module_exit(call_device_exit);
MODULE_LICENSE("GPL");
