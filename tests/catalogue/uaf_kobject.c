// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the name of a kobject is read after the last kobject_put().
 * Seen: use after free.
 */
#include <linux/kobject.h>
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	struct kobject *dir = kobject_create_and_add("catalogue_uaf", kernel_kobj); /* @made */

	if (!dir)
		return -ENOMEM;
	if (fixed)
		keep(strlen(kobject_name(dir)));
	kobject_put(dir); /* @freed */
	if (!fixed)
		keep(strlen(kobject_name(hide(dir)))); /* @bug */
	return 0;
}

only_init(start);
