// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character device that copies from and to user space in every way of a file, correctly; but with the parameter
 * `bug=leak`, an ioctl whose result cannot be copied out forgets its buffer.
 *
 * Its read() ends in the copy, so that the compiler makes a jump of it, and no frame of this driver is on the stack: it is
 * still a call of this driver.
 *
 * tests/scenarios/copies.c uses it; tests/calls.sh says what must be found.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static char *bug = "";
module_param(bug, charp, 0444);

struct square {
	unsigned int side, area;
	char unused[24];
};

static __attribute__((optimize("optimize-sibling-calls"))) ssize_t
copies_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	return simple_read_from_buffer(to, count, pos, "copies\n", 7);
}

static ssize_t copies_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	char *text = memdup_user_nul(from, count);

	if (IS_ERR(text))
		return PTR_ERR(text);
	kfree(text);
	return (ssize_t)count;
}

static long copies_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct square *square = kmalloc(sizeof(*square), GFP_KERNEL);
	long err = -EFAULT;

	if (!square)
		return -ENOMEM;
	if (copy_from_user(square, (const void __user *)arg, sizeof(*square)))
		goto out;
	square->area = square->side * square->side;
	err = copy_to_user((void __user *)arg, square, sizeof(*square)) ? -EFAULT : 0;
	if (err && !strcmp(bug, "leak"))
		return err;
out:
	kfree(square);
	return err;
}

static const struct file_operations copies_fops = {
	.owner = THIS_MODULE,
	.read = copies_read,
	.write = copies_write,
	.unlocked_ioctl = copies_ioctl,
};

static struct miscdevice copies = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kfail_copies",
	.fops = &copies_fops,
};

module_misc_device(copies);
MODULE_LICENSE("GPL");
