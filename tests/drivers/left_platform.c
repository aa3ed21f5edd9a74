// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a platform driver registered.
 * Finding: resource-leak (platform driver kfail_left), after the refusal of the kmalloc(),
 * registered in add_driver().
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

static int probe(struct platform_device *device)
{
	return 0;
}

static struct platform_driver driver = {.probe = probe, .driver = {.name = "kfail_left"}};
static void *ring;

static noinline int add_driver(void)
{
	return platform_driver_register(&driver);
}

static int __init left_platform_init(void)
{
	int err = add_driver();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		platform_driver_unregister(&driver);
	return -ENOMEM;
}

static void __exit left_platform_exit(void)
{
	platform_driver_unregister(&driver);
	kfree(ring);
}

module_init(left_platform_init);
module_exit(left_platform_exit);
MODULE_LICENSE("GPL");
