// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/waits: a read() that waits for what never comes, until a signal ends it; a write() that no signal ends; and ioctls that take
 * a user's pointer: one follows it, two copy, as they must.
 */
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define WAITS_FOLLOW _IO('w', 1)
#define WAITS_TAKE   _IO('w', 2)
#define WAITS_GIVE   _IO('w', 3)

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int ready;

static ssize_t waits_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	return wait_event_interruptible(queue, ready);
}

static ssize_t waits_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	wait_event(queue, ready);
	return size;
}

static long waits_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	char bytes[8] = {0};

	switch (command) {
	case WAITS_FOLLOW:
		return *(volatile char *)arg & 1;
	case WAITS_TAKE:
		return copy_from_user(bytes, (const void __user *)arg, sizeof(bytes)) ? -EFAULT : 0;
	case WAITS_GIVE:
		return copy_to_user((void __user *)arg, bytes, sizeof(bytes)) ? -EFAULT : 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations waits_ops = {
	.owner = THIS_MODULE,
	.read = waits_read,
	.write = waits_write,
	.unlocked_ioctl = waits_ioctl,
};

static struct miscdevice waits_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "waits",
	.fops = &waits_ops,
};

module_misc_device(waits_device);
MODULE_LICENSE("GPL");
