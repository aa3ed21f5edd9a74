// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets the class.
 * Seen: resource leak, when the device is refused.
 */
#include <linux/device.h>
#include <linux/kdev_t.h>
#include "catalogue.h"

static struct class *class;
static struct device *device;

static int __init start(void)
{
	class = class_create(THIS_MODULE, "catalogue"); /* @made */
	if (IS_ERR(class))
		return PTR_ERR(class);
	device = device_create(class, NULL, MKDEV(0, 0), NULL, "catalogue0");
	if (!IS_ERR(device))
		return 0;
	if (fixed)
		class_destroy(class);
	return PTR_ERR(device);
}

static void __exit stop(void)
{
	device_unregister(device);
	class_destroy(class);
}

module_init(start);
module_exit(stop);
