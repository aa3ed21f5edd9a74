// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that is given structures by ioctl, and follows the pointers in them itself, reading and writing, where it should
 * have copied. On a machine without SMAP that works, until the page is not there.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "user_pointer.h"

static bool bug;
module_param(bug, bool, 0);
static bool late;
module_param(late, bool, 0);
MODULE_PARM_DESC(late, "only error handling follows a pointer");

static long sum(struct pair __user *pair)
{
	struct pair *direct = (struct pair __force *)pair;
	struct pair copy;

	if (bug)
		return direct->a + direct->b;
	if (copy_from_user(&copy, pair, sizeof(copy)))
		return -EFAULT;
	return copy.a + copy.b;
}

static long answer(int __user *to)
{
	if (!bug)
		return put_user(42, to);
	*(int __force *)to = 42;
	return 0;
}

/* The kernel's own code on the driver's behalf. */
static long length_of(const char __user *text)
{
	if (bug)
		return strlen((const char __force *)text);
	return strnlen_user(text, 100) - 1;
}

/* Much, back and forth: nothing is wrong with it. */
static long copy_much(char __user *text)
{
	char *copy = memdup_user(text, 20000);
	long error = 0;

	if (IS_ERR(copy) && late)
		pr_info("no memory for %c\n", *(volatile char __force *)text);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	if (copy_to_user(text, copy, 20000) || clear_user(text, 100))
		error = -EFAULT;
	kfree(copy);
	return error;
}

static long pointer_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	switch (command) {
	case POINTER_SUM:
		return sum((struct pair __user *)argument);
	case POINTER_ANSWER:
		return answer((int __user *)argument);
	case POINTER_LENGTH:
		return length_of((const char __user *)argument);
	case POINTER_MUCH:
		return copy_much((char __user *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations pointer_ops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = pointer_ioctl,
};

static struct miscdevice pointer = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "user_pointer",
	.fops = &pointer_ops,
};

module_misc_device(pointer);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pointers of user space that are followed");
