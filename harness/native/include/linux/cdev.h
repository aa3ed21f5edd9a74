/* SPDX-License-Identifier: GPL-2.0-only */
/* Character devices. */
#ifndef KFAIL_LINUX_CDEV_H
#define KFAIL_LINUX_CDEV_H

#include "fs.h"
#include "kobject.h"

struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	dev_t dev;
	unsigned int count;
};

void cdev_init(struct cdev *cdev, const struct file_operations *fops);
struct cdev *cdev_alloc(void);
int cdev_add(struct cdev *p, dev_t dev, unsigned int count);
void cdev_del(struct cdev *p);

#endif
