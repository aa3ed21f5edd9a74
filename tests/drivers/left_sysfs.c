// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a group of attributes in /sys/kernel.
 * Finding: resource-leak (sysfs kfail_left), after the refusal of the kmalloc(), made in
 * add_group().
 */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

static void *ring;

static ssize_t level_show(struct kobject *kobj, struct kobj_attribute *attribute, char *buf)
{
	return sysfs_emit(buf, "0\n");
}

static struct kobj_attribute level = __ATTR_RO(level);
static struct attribute *attributes[] = {&level.attr, NULL};
static const struct attribute_group group = {.name = "kfail_left", .attrs = attributes};

static noinline int add_group(void)
{
	return sysfs_create_group(kernel_kobj, &group);
}

static int __init left_sysfs_init(void)
{
	int err = add_group();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		sysfs_remove_group(kernel_kobj, &group);
	return -ENOMEM;
}

static void __exit left_sysfs_exit(void)
{
	kfree(ring);
	sysfs_remove_group(kernel_kobj, &group);
}

module_init(left_sysfs_init);
module_exit(left_sysfs_exit);
MODULE_LICENSE("GPL");
