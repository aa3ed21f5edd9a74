// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the same name is added to sysfs twice.
 * Seen: a warning of the kernel: cannot create duplicate filename.
 */
#include <linux/kobject.h>
#include "catalogue.h"

static int __init start(void)
{
	const char *name = fixed ? "catalogue_other" : "catalogue_name";
	struct kobject *first = kobject_create_and_add("catalogue_name", kernel_kobj), *second;

	if (!first)
		return -ENOMEM;
	second = kobject_create_and_add(name, kernel_kobj); /* @bug */
	kobject_put(second);
	kobject_put(first);
	return fixed && !second ? -ENOMEM : 0;
}

only_init(start);
