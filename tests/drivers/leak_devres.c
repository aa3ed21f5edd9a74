// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets a devres that was allocated but not yet added to the device.
 * Finding: leak, allocated in make_resource().
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *device;

static void drop_resource(struct device *dev, void *res)
{
}

static noinline void *make_resource(void)
{
	return devres_alloc(drop_resource, 200, GFP_KERNEL);
}

static int __init leak_devres_init(void)
{
	void *resource, *table;

	device = root_device_register("kfail_leak_devres");
	if (IS_ERR(device))
		return PTR_ERR(device);
	resource = make_resource();
	if (!resource)
		goto remove_device;
	table = devm_kmalloc(device, 512, GFP_KERNEL);
	if (!table)
		goto free_resource;
	devres_add(device, resource);
	return 0;

free_resource:
	if (!BUGGY)
		devres_free(resource);
remove_device:
	root_device_unregister(device);
	return -ENOMEM;
}

/* What the device manages goes with it. */
static void __exit leak_devres_exit(void)
{
	root_device_unregister(device);
}

module_init(leak_devres_init);
module_exit(leak_devres_exit);
MODULE_LICENSE("GPL");
