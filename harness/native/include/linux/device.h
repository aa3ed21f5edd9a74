/* SPDX-License-Identifier: GPL-2.0-only */
/* Classes and devices that exist by name only. Messages carry the device's name, as in the
 * kernel. */
#ifndef KFAIL_LINUX_DEVICE_H
#define KFAIL_LINUX_DEVICE_H

#include "device/class.h"
#include "device/devres.h"
#include "dev_printk.h"
#include "err.h"
#include "export.h"
#include "kobject.h"
#include "mutex.h"
#include "printk.h"
#include "slab.h"
#include "string.h"

struct bus_type;
struct device_driver;

struct device {
	struct kobject kobj;
	struct device *parent;
	const char *init_name;
	struct class *class;
	dev_t devt;
	void *driver_data;
	void *platform_data;
	u64 *dma_mask;
	u64 coherent_dma_mask;
	struct list_head devres_head;
	void (*release)(struct device *dev);
};

__printf(5, 6) struct device *device_create(struct class *cls, struct device *parent, dev_t devt,
					    void *drvdata, const char *fmt, ...);
void device_destroy(struct class *cls, dev_t devt);
struct device *__root_device_register(const char *name, struct module *owner);
#define root_device_register(name) __root_device_register(name, THIS_MODULE)
void root_device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
};
#define DEVICE_ATTR(name_, mode_, show_, store_) \
	struct device_attribute dev_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#define DEVICE_ATTR_RO(name_)		   struct device_attribute dev_attr_##name_ = __ATTR_RO(name_)
#define DEVICE_ATTR_WO(name_)		   struct device_attribute dev_attr_##name_ = __ATTR_WO(name_)
#define DEVICE_ATTR_RW(name_)		   struct device_attribute dev_attr_##name_ = __ATTR_RW(name_)
#define device_create_file(dev, attribute) sysfs_create_file(&(dev)->kobj, &(attribute)->attr)
#define device_remove_file(dev, attribute) sysfs_remove_file(&(dev)->kobj, &(attribute)->attr)

static inline const char *dev_name(const struct device *dev)
{
	return dev && dev->init_name ? dev->init_name : dev ? dev->kobj.name : "(null)";
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

#endif
