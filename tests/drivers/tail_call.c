// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: init ends in a call, which leaves no frame of it on the stack, and forgets its object when that call fails.
 * Finding: leak of 96 bytes, whichever refusal makes misc_register() fail; the corrected twin takes the
 * device first.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

static const struct file_operations operations = {.owner = THIS_MODULE};
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kfail_tail",
	.fops = &operations,
};
static void *table;

static noinline void *make_table(void)
{
	void *made = kmalloc(96, GFP_KERNEL);

	barrier();
	return made;
}

static int __init tail_call_init(void)
{
	if (!BUGGY)
		return misc_register(&device);
	table = make_table();
	if (!table)
		return -ENOMEM;
	return misc_register(&device);
}

static void __exit tail_call_exit(void)
{
	misc_deregister(&device);
	kfree(table);
}

module_init(tail_call_init);
module_exit(tail_call_exit);
MODULE_LICENSE("GPL");
