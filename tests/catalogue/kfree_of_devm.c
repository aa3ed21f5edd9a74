// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of memory of devm_kmalloc(), which goes with its device once more.
 * Seen: invalid or double free.
 */
#include <linux/device.h>
#include "catalogue.h"

static int __init start(void)
{
	struct device *device = root_device_register("catalogue_devm");
	void *table;

	if (IS_ERR(device))
		return PTR_ERR(device);
	table = devm_kmalloc(device, 240, GFP_KERNEL); /* @made */
	if (table && !fixed)
		kfree(hide(table)); /* @bug */
	if (table && fixed)
		devm_kfree(device, table);
	root_device_unregister(device);
	return table ? 0 : -ENOMEM;
}

only_init(start);
