// SPDX-License-Identifier: GPL-2.0-only
/* Counted objects, numbers, and everything that is registered and given back. */
#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/notifier.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <asm/dma.h>
#include "check.h"

struct counted {
	struct kref ref;
	struct kobject kobj;
};

static int released;

static void on_release(struct kref *ref)
{
	released++;
}

static void counts(void)
{
	struct counted c;
	atomic_t a = ATOMIC_INIT(3);
	refcount_t r = REFCOUNT_INIT(1);

	kref_init(&c.ref);
	kref_get(&c.ref);
	CHECK(!kref_put(&c.ref, on_release) && kref_put(&c.ref, on_release) && released == 1);
	CHECK(atomic_inc_return(&a) == 4 && atomic_dec_and_test(&a) == false);
	CHECK(atomic_cmpxchg(&a, 3, 9) == 3 && atomic_read(&a) == 9 && atomic_xchg(&a, 1) == 9);
	CHECK(atomic_add_unless(&a, 1, 1) == false && atomic_dec_and_test(&a));
	CHECK(!refcount_inc_not_zero(&(refcount_t)REFCOUNT_INIT(0)) && refcount_dec_and_test(&r));
	CHECK(try_module_get(THIS_MODULE) && module_refcount(THIS_MODULE) == 1);
	module_put(THIS_MODULE);
}

static void numbers(void)
{
	static DEFINE_IDA(ida);
	int id;

	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0 && ida_alloc(&ida, GFP_KERNEL) == 1);
	ida_free(&ida, 0);
	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0);
	id = ida_alloc_min(&ida, 5000, GFP_KERNEL);
	CHECK(id == 5000);
	CHECK(ida_alloc_range(&ida, 5000, 5000, GFP_KERNEL) == -ENOSPC);
	ida_free(&ida, id);
	ida_destroy(&ida);
	CHECK(ida_is_empty(&ida));
}

static const struct file_operations fops = {.owner = THIS_MODULE, .llseek = noop_llseek};
static struct miscdevice misc = {.minor = MISC_DYNAMIC_MINOR, .name = "check", .fops = &fops};

static void devices(void)
{
	struct cdev embedded, *allocated = cdev_alloc();
	struct device *device;
	struct class *class;
	dev_t first;

	CHECK(!alloc_chrdev_region(&first, 0, 4, "check") && MAJOR(first) == 254);
	CHECK(register_chrdev_region(first, 1, "again") == -EBUSY);
	cdev_init(&embedded, &fops);
	CHECK(!cdev_add(&embedded, first, 2));
	CHECK(allocated && !cdev_add(allocated, first + 2, 2));
	class = class_create(THIS_MODULE, "check");
	device = device_create(class, NULL, first, &misc, "check%d", MINOR(first));
	CHECK(!IS_ERR(device) && !strcmp(dev_name(device), "check0"));
	CHECK(dev_get_drvdata(device) == &misc);
	dev_info(device, "hello\n");
	device_destroy(class, first);
	class_destroy(class);
	cdev_del(&embedded);
	cdev_del(allocated);
	unregister_chrdev_region(first, 4);
	CHECK(!misc_register(&misc) && misc.minor == 127);
	misc_deregister(&misc);
	CHECK(register_chrdev(0, "check", &fops) == 254);
	unregister_chrdev(254, "check");
}

static int show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%d\n", 5);
	return 0;
}

static ssize_t level_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "1\n");
}

static struct kobj_attribute level = __ATTR_RO(level);
static struct attribute *attributes[] = {&level.attr, NULL};
static const struct attribute_group group = {.attrs = attributes};

static void files(void)
{
	struct proc_dir_entry *dir = proc_mkdir("check", NULL);
	struct dentry *top = debugfs_create_dir("check", NULL);
	struct kobject *kobj = kobject_create_and_add("check", kernel_kobj);
	u32 value;

	CHECK(dir && proc_create_single("value", 0444, dir, show));
	remove_proc_entry("value", dir);
	CHECK(proc_create_single("value", 0444, dir, show));
	proc_remove(dir);
	CHECK(!IS_ERR(top));
	debugfs_create_u32("value", 0444, top, &value);
	CHECK(PTR_ERR(debugfs_create_file("x", 0444, ERR_PTR(-ENOMEM), NULL, &fops)) == -ENOMEM);
	debugfs_remove_recursive(top);
	CHECK(kobj && !sysfs_create_group(kobj, &group));
	CHECK(!sysfs_create_file(kobj, &level.attr));
	sysfs_remove_file(kobj, &level.attr);
	sysfs_remove_group(kobj, &group);
	kobject_put(kobj);
}

static irqreturn_t handle(int irq, void *dev)
{
	return IRQ_HANDLED;
}

static int on_event(struct notifier_block *nb, unsigned long action, void *data)
{
	*(int *)data = *(int *)data * 10 + nb->priority;
	return NOTIFY_OK;
}

static void events(void)
{
	struct notifier_block a = {.notifier_call = on_event, .priority = 1};
	struct notifier_block b = {.notifier_call = on_event, .priority = 2};
	RAW_NOTIFIER_HEAD(chain);
	int seen = 0;

	raw_notifier_chain_register(&chain, &a);
	raw_notifier_chain_register(&chain, &b);
	raw_notifier_call_chain(&chain, 0, &seen);
	CHECK(seen == 21);
	CHECK(!register_reboot_notifier(&a) && !unregister_reboot_notifier(&a));
	CHECK(!request_irq(5, handle, 0, "check", &seen));
	CHECK(request_irq(5, handle, 0, "again", &seen) == -EBUSY);
	free_irq(5, &seen);
	CHECK(!request_dma(3, "check") && request_dma(3, "check") == -EBUSY);
	free_dma(3);
}

static void all(void)
{
	counts();
	numbers();
	devices();
	files();
	events();
}

CHECKED_DRIVER(all);
