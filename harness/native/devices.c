// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: ranges of device numbers, character and misc devices, classes, devices. They exist by
 * number and name; only a scenario's program opens them (syscall.c). Order and kind of failure are the kernel's
 * (drivers/char/misc.c, fs/char_dev.c, drivers/base/ of 6.1); what those allocate inside is one
 * record here (resource.c), and the object itself where the kernel allocates it.
 */
#include "world.h"

#include "include/linux/cdev.h"
#include "include/linux/device.h"
#include "include/linux/miscdevice.h"
#include "include/linux/string.h"

#define CHRDEV_DYN_FIRST 254u /* as the kernel: downwards from here */
#define CHRDEV_DYN_LAST	 234u
#define MISC_DYN_COUNT	 128u

/* ---- device numbers ---- */

static const char region_type[] = "chrdev region";
static const char cdev_type[] = "cdev";
/* The one that register_chrdev() makes; its key is the operations. */
static const char chrdev_type[] = "cdev";

static struct native_resource *add_region(dev_t from, unsigned int count, const char *name,
					  uint64_t caller)
{
	struct native_resource *res;

	if (!count || (uint64_t)from + count - 1 > MKDEV(511u, MINORMASK))
		return ERR_PTR(-EINVAL);
	if (native_resource_overlap(region_type, from, from + count - 1))
		return ERR_PTR(-EBUSY);
	res = native_resource_add(region_type, NULL, name, caller);
	if (!res)
		return ERR_PTR(-ENOMEM);
	res->first = from;
	res->last = from + count - 1;
	return res;
}

static unsigned int free_major(void)
{
	for (unsigned int major = CHRDEV_DYN_FIRST; major >= CHRDEV_DYN_LAST; major--)
		if (!native_resource_overlap(region_type, MKDEV(major, 0), MKDEV(major, MINORMASK)))
			return major;
	return 0;
}

static int register_region(dev_t *from, unsigned int count, const char *name, uint64_t caller)
{
	struct native_resource *res;

	native_may_sleep("register_chrdev_region");
	if (!MAJOR(*from)) {
		unsigned int major = free_major();

		if (!major)
			return -EBUSY;
		*from = MKDEV(major, MINOR(*from));
	}
	res = add_region(*from, count, name, caller);
	return PTR_ERR_OR_ZERO(res);
}

NATIVE_API int alloc_chrdev_region(dev_t *dev, unsigned int baseminor, unsigned int count,
				   const char *name)
{
	dev_t from = MKDEV(0, baseminor);
	int error = register_region(&from, count, name, NATIVE_CALLER());

	if (!error)
		*dev = from;
	return error;
}

NATIVE_API int register_chrdev_region(dev_t from, unsigned int count, const char *name)
{
	return register_region(&from, count, name, NATIVE_CALLER());
}

NATIVE_API void unregister_chrdev_region(dev_t from, unsigned int count)
{
	struct native_resource *res = native_resource_overlap(region_type, from, from);

	native_enter();
	if (res && res->first == from && res->last == from + count - 1)
		native_resource_remove(res);
}

NATIVE_API int register_chrdev(unsigned int major, const char *name,
			       const struct file_operations *fops)
{
	dev_t from = MKDEV(major, 0);
	int error = register_region(&from, 256, name, NATIVE_CALLER());
	struct native_resource *res;

	if (error)
		return error;
	res = native_resource_add(chrdev_type, fops, name, NATIVE_CALLER());
	if (!res) {
		unregister_chrdev_region(from, 256);
		return -ENOMEM;
	}
	res->first = from;
	res->last = from + 255;
	return major ? 0 : (int)MAJOR(from);
}

NATIVE_API void unregister_chrdev(unsigned int major, const char *name)
{
	struct native_resource *res =
		native_resource_overlap(chrdev_type, MKDEV(major, 0), MKDEV(major, 0));

	native_enter();
	if (res)
		native_resource_remove(res);
	unregister_chrdev_region(MKDEV(major, 0), 256);
}

/* ---- character devices ---- */

static void cdev_free(struct kobject *kobj)
{
	kf_kfree(container_of(kobj, struct cdev, kobj));
}

static const struct kobj_type cdev_static, cdev_dynamic = {.release = cdev_free};

NATIVE_API void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	INIT_LIST_HEAD(&cdev->list);
	kobject_init(&cdev->kobj, &cdev_static);
	cdev->ops = fops;
}

NATIVE_API struct cdev *cdev_alloc(void)
{
	struct cdev *p;

	native_enter();
	p = kf_kmalloc(sizeof(*p), KF_GFP_KERNEL | KF_GFP_ZERO);
	if (p) {
		INIT_LIST_HEAD(&p->list);
		kobject_init(&p->kobj, &cdev_dynamic);
	}
	return p;
}

NATIVE_API int cdev_add(struct cdev *p, dev_t dev, unsigned int count)
{
	struct native_resource *res;

	native_may_sleep("cdev_add");
	p->dev = dev;
	p->count = count;
	if (WARN_ON(!p->kobj.state_initialized))
		return -EINVAL;
	res = native_resource_add(cdev_type, p, p->kobj.name, NATIVE_CALLER());
	if (!res)
		return -ENOMEM;
	res->first = dev;
	res->last = dev + count - 1;
	return 0;
}

NATIVE_API void cdev_del(struct cdev *p)
{
	struct native_resource *res = native_resource_find(cdev_type, p);

	native_may_sleep("cdev_del");
	if (res)
		native_resource_remove(res);
	kobject_put(&p->kobj);
}

/* ---- misc devices ---- */

static const char misc_type[] = "misc device";

static int misc_minor(const struct miscdevice *misc)
{
	int minor = misc->minor;

	if (minor != MISC_DYNAMIC_MINOR)
		return native_resource_overlap(misc_type, minor, minor) ? -EBUSY : minor;
	for (minor = MISC_DYN_COUNT - 1; minor >= 0; minor--)
		if (!native_resource_overlap(misc_type, minor, minor))
			return minor;
	return -EBUSY;
}

NATIVE_API int misc_register(struct miscdevice *misc)
{
	struct native_resource *res;
	int minor;

	native_may_sleep("misc_register");
	INIT_LIST_HEAD(&misc->list);
	minor = misc_minor(misc);
	if (minor < 0)
		return minor;
	res = native_resource_add(misc_type, misc, misc->name, NATIVE_CALLER());
	if (!res)
		return -ENOMEM;
	res->first = res->last = misc->minor = minor;
	return 0;
}

/* One that was never registered has no list: the kernel faults there, and so do we. */
NATIVE_API void misc_deregister(struct miscdevice *misc)
{
	struct native_resource *res = native_resource_find(misc_type, misc);

	native_may_sleep("misc_deregister");
	if (res) {
		native_resource_remove(res);
	} else if (!misc->list.next) {
		list_del(&misc->list);
	} else {
		judge_warning("misc_deregister() of a device that is not registered");
	}
}

/* ---- classes and devices ---- */

static const char class_type[] = "class";
static const char device_type[] = "device";

NATIVE_API int class_register(struct class *cls)
{
	native_may_sleep("class_register");
	return native_resource_add(class_type, cls, cls->name, NATIVE_CALLER()) ? 0 : -ENOMEM;
}

NATIVE_API void class_unregister(struct class *cls)
{
	struct native_resource *res = native_resource_find(class_type, cls);

	native_may_sleep("class_unregister");
	if (res)
		native_resource_remove(res);
	else
		judge_warning("class_unregister() of a class that is not registered");
}

NATIVE_API struct class *class_create(struct module *owner, const char *name)
{
	struct class *cls;

	native_may_sleep("class_create");
	cls = kf_kmalloc(sizeof(*cls), KF_GFP_KERNEL | KF_GFP_ZERO);
	if (!cls)
		return ERR_PTR(-ENOMEM);
	cls->name = name;
	cls->owner = owner;
	if (native_resource_add(class_type, cls, name, NATIVE_CALLER()))
		return cls;
	kf_kfree(cls);
	return ERR_PTR(-ENOMEM);
}

NATIVE_API void class_destroy(struct class *cls)
{
	if (IS_ERR_OR_NULL(cls))
		return;
	class_unregister(cls);
	kf_kfree(cls);
}

/* As device_release(): what is managed goes first, in reverse order. */
static void device_free(struct kobject *kobj)
{
	struct device *dev = container_of(kobj, struct device, kobj);

	devres_release_all(dev);
	kf_kfree(dev);
}

static const struct kobj_type device_ktype = {.release = device_free};

static struct device *new_device(struct class *cls, struct device *parent, dev_t devt,
				 void *drvdata)
{
	struct device *dev = kf_kmalloc(sizeof(*dev), KF_GFP_KERNEL | KF_GFP_ZERO);

	if (!dev)
		return NULL;
	kobject_init(&dev->kobj, &device_ktype);
	INIT_LIST_HEAD(&dev->devres_head);
	dev->parent = parent;
	dev->class = cls;
	dev->devt = devt;
	dev->driver_data = drvdata;
	return dev;
}

NATIVE_API struct device *device_create(struct class *cls, struct device *parent, dev_t devt,
					void *drvdata, const char *fmt, ...)
{
	struct native_resource *res;
	struct device *dev;
	va_list args;

	native_may_sleep("device_create");
	if (IS_ERR_OR_NULL(cls))
		return ERR_PTR(-ENODEV);
	dev = new_device(cls, parent, devt, drvdata);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	va_start(args, fmt);
	dev->kobj.name = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	res = dev->kobj.name
		      ? native_resource_add(device_type, dev, dev->kobj.name, NATIVE_CALLER())
		      : NULL;
	if (!res) {
		kobject_put(&dev->kobj);
		return ERR_PTR(-ENOMEM);
	}
	res->first = res->last = devt;
	return dev;
}

NATIVE_API void device_destroy(struct class *cls, dev_t devt)
{
	struct native_resource *res = native_resource_overlap(device_type, devt, devt);
	struct device *dev;

	native_may_sleep("device_destroy");
	if (!res)
		return;
	dev = (struct device *)res->key;
	if (dev->class != cls)
		return;
	native_resource_remove(res);
	kobject_put(&dev->kobj);
}

NATIVE_API struct device *get_device(struct device *dev)
{
	if (dev)
		kobject_get(&dev->kobj);
	return dev;
}

NATIVE_API void put_device(struct device *dev)
{
	if (dev)
		kobject_put(&dev->kobj);
}

static const char root_type[] = "root device";

NATIVE_API struct device *__root_device_register(const char *name, struct module *owner)
{
	struct device *dev;

	native_may_sleep("root_device_register");
	dev = new_device(NULL, NULL, 0, NULL);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	if (!kobject_set_name(&dev->kobj, "%s", name) &&
	    native_resource_add(root_type, dev, name, NATIVE_CALLER()))
		return dev;
	kobject_put(&dev->kobj);
	return ERR_PTR(-ENOMEM);
}

NATIVE_API void root_device_unregister(struct device *dev)
{
	struct native_resource *res = native_resource_find(root_type, dev);

	native_may_sleep("root_device_unregister");
	if (res)
		native_resource_remove(res);
	kobject_put(&dev->kobj);
}

/* ---- opening ---- */

static struct native_resource *find_name(const char *type, const char *name)
{
	struct native_resource *res = native_state.resources;

	while (res && (res->type != type || strcmp(res->name, name)))
		res = res->next;
	return res;
}

static void find_behind_number(dev_t number, struct native_device *out)
{
	struct native_resource *res = native_resource_overlap(cdev_type, number, number);

	if (res) {
		out->cdev = (struct cdev *)res->key;
		out->ops = out->cdev->ops;
		return;
	}
	res = native_resource_overlap(chrdev_type, number, number);
	if (res)
		out->ops = res->key;
}

bool native_find_device(const char *name, struct native_device *out)
{
	struct native_resource *res = find_name(misc_type, name);

	*out = (struct native_device){.ops = NULL};
	if (res) {
		struct miscdevice *misc = (struct miscdevice *)res->key;

		out->ops = misc->fops;
		out->private = misc;
		out->number = MKDEV(MISC_MAJOR, (unsigned int)misc->minor);
		return true;
	}
	res = find_name(device_type, name);
	if (!res)
		return false;
	out->number = (dev_t)res->first;
	find_behind_number(out->number, out);
	return true;
}

void native_each_node(void (*fn)(const char *name, void *arg), void *arg)
{
	const struct native_resource *res = native_state.resources;

	for (; res; res = res->next)
		if (res->type == misc_type || (res->type == device_type && res->first))
			fn(res->name, arg);
}
