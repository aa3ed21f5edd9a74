// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a misc device registered.
 * Finding: resource-leak (misc device kfail_left), after the refusal of the kmalloc(),
 * registered in add_misc().
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

static const struct file_operations operations = {.owner = THIS_MODULE, .llseek = noop_llseek};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kfail_left",
	.fops = &operations,
};
static void *ring;

static noinline int add_misc(void)
{
	return misc_register(&misc);
}

static int __init left_misc_init(void)
{
	int err = add_misc();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		misc_deregister(&misc);
	return -ENOMEM;
}

static void __exit left_misc_exit(void)
{
	kfree(ring);
	misc_deregister(&misc);
}

module_init(left_misc_init);
module_exit(left_misc_exit);
MODULE_LICENSE("GPL");
