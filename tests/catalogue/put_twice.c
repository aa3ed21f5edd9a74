// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kobject_put() once too often.
 * Seen: a reference count below zero, in freed memory.
 */
#include <linux/kobject.h>
#include "catalogue.h"

static int __init start(void)
{
	struct kobject *dir = kobject_create_and_add("catalogue_put", kernel_kobj); /* @made */

	if (!dir)
		return -ENOMEM;
	kobject_put(dir); /* @freed */
	if (!fixed)
		kobject_put(hide(dir)); /* @bug */
	return 0;
}

only_init(start);
