/* SPDX-License-Identifier: GPL-2.0-only */
/* Classes and devices that exist by name only. Messages carry the device's name, as in the kernel. */
#ifndef KFAIL_LINUX_DEVICE_H
#define KFAIL_LINUX_DEVICE_H

#include "device/class.h"
#include "dev_printk.h"
#include "err.h"
#include "kobject.h"
#include "mutex.h"
#include "printk.h"
#include "slab.h"
#include "string.h"

struct bus_type;
struct device_driver;
struct attribute_group;

struct device {
	struct kobject kobj;
	struct device *parent;
	const char *init_name;
	struct class *class;
	dev_t devt;
	void *driver_data;
	void *platform_data;
	void (*release)(struct device *dev);
};

__printf(5, 6) struct device *device_create(struct class *cls, struct device *parent, dev_t devt,
					    void *drvdata, const char *fmt, ...);
void device_destroy(struct class *cls, dev_t devt);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);

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
