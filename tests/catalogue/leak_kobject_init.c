// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: what kobject_init_and_add() refused is freed by kfree(): its name stays.
 * Seen: leak, when sysfs is refused its directory.
 */
#include <linux/kobject.h>
#include "catalogue.h"

static const char name[] = "catalogue_%u";
static struct kobject *object;

static void release(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type type = {
	.release = release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static int __init start(void)
{
	int error;

	object = kzalloc(sizeof(*object), GFP_KERNEL);
	if (!object)
		return -ENOMEM;
	error = kobject_init_and_add(object, &type, kernel_kobj, name, 1); /* @made */
	if (!error)
		return 0;
	if (fixed)
		kobject_put(object);
	else
		kfree(object); /* @bug */
	return error;
}

static void __exit stop(void)
{
	kobject_put(object);
}

module_init(start);
module_exit(stop);
