// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an error pointer is taken for an object, because it is not NULL.
 * Seen: wild access, when class_create() is refused.
 */
#include <linux/device.h>
#include "catalogue.h"

static struct class *class;

static int __init start(void)
{
	class = class_create(THIS_MODULE, "catalogue_err");
	if (fixed && IS_ERR(class))
		return PTR_ERR(class);
	if (!class)
		return -ENOMEM;
	(void)READ_ONCE(class->name); /* @bug */
	return 0;
}

static void __exit stop(void)
{
	class_destroy(class);
}

module_init(start);
module_exit(stop);
