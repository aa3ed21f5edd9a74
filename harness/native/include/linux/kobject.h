/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects with a name, a parent and a last reference; 64 bytes as in the kernel. No sysfs stands
 * behind them. */
#ifndef KFAIL_LINUX_KOBJECT_H
#define KFAIL_LINUX_KOBJECT_H

#include "kref.h"
#include "list.h"

struct kset;
struct kobject;
struct attribute {
	const char *name;
	umode_t mode;
};
struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			 size_t count);
};

struct kobj_type {
	void (*release)(struct kobject *kobj);
	const void *sysfs_ops;
	const void *default_groups;
};

struct kobject {
	const char *name;
	struct list_head entry;
	struct kobject *parent;
	struct kset *kset;
	const struct kobj_type *ktype;
	void *sd;
	struct kref kref;
	unsigned int state_initialized : 1;
	unsigned int state_in_sysfs : 1;
};

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
__printf(3, 4) int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...);
__printf(4, 5) int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
					struct kobject *parent, const char *fmt, ...);
__printf(2, 3) int kobject_set_name(struct kobject *kobj, const char *fmt, ...);
void kobject_del(struct kobject *kobj);
struct kobject *kobject_get(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);

struct kobject *native_kernel_kobj(void);
#define kernel_kobj native_kernel_kobj()

static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

#include "sysfs.h"

#endif
