/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_DEVICE_CLASS_H
#define KFAIL_LINUX_DEVICE_CLASS_H

#include "../types.h"

struct module;
struct device;
struct class
{
	const char *name;
	struct module *owner;
	char *(*devnode)(struct device *dev, umode_t *mode);
	void *p;
};

struct class *class_create(struct module *owner, const char *name);
void class_destroy(struct class *cls);
int class_register(struct class *cls);
void class_unregister(struct class *cls);

#endif
