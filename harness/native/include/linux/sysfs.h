/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of kobjects: made and removed. */
#ifndef KFAIL_LINUX_SYSFS_H
#define KFAIL_LINUX_SYSFS_H

#include "kobject.h"
#include "stat.h"

struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};

#define __ATTR(name_, mode_, show_, store_)                                                   \
	{                                                                                     \
		.attr = {.name = #name_, .mode = (mode_)}, .show = (show_), .store = (store_) \
	}
#define __ATTR_RO(name_) __ATTR(name_, 0444, name_##_show, NULL)
#define __ATTR_WO(name_) __ATTR(name_, 0200, NULL, name_##_store)
#define __ATTR_RW(name_) __ATTR(name_, 0644, name_##_show, name_##_store)
#define ATTRIBUTE_GROUPS(name)                                                      \
	static const struct attribute_group name##_group = {.attrs = name##_attrs}; \
	static const struct attribute_group *name##_groups[] __maybe_unused = {&name##_group, NULL}

int __must_check sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp);
int __must_check sysfs_create_file(struct kobject *kobj, const struct attribute *attr);
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
__printf(2, 3) int sysfs_emit(char *buf, const char *fmt, ...);
__printf(3, 4) int sysfs_emit_at(char *buf, int at, const char *fmt, ...);

#endif
