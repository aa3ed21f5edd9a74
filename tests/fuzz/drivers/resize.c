// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/resize: each open file has a buffer, which ioctls make and resize. One bug, which wants all of: two operations
 * (RESIZE_MAKE, then RESIZE_TO), an argument that says the buffer need not be kept, and the refusal of the new one. The old
 * buffer is freed then, still pointed to, and freed once more when the file is closed.
 */
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

struct resize_request {
	u32 size;
	u32 keep; /* 0: what the buffer holds may be lost */
};

#define RESIZE_MAKE _IO('r', 1) /* argument: bytes */
#define RESIZE_TO   _IOW('r', 2, struct resize_request)
#define SIZE_MOST   8192

struct buffer {
	char *bytes;
	u32 size;
};

static int resize_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct buffer), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int resize_release(struct inode *inode, struct file *file)
{
	struct buffer *buffer = file->private_data;

	kfree(buffer->bytes);
	kfree(buffer);
	return 0;
}

static long make(struct buffer *buffer, unsigned long size)
{
	if (buffer->bytes)
		return -EBUSY;
	if (!size || size > SIZE_MOST)
		return -EINVAL;
	buffer->bytes = kzalloc(size, GFP_KERNEL);
	if (!buffer->bytes)
		return -ENOMEM;
	buffer->size = size;
	return 0;
}

static long grow(struct buffer *buffer, u32 size)
{
	char *bytes = krealloc(buffer->bytes, size, GFP_KERNEL);

	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->size = size;
	return 0;
}

static long resize(struct buffer *buffer, const struct resize_request __user *user)
{
	struct resize_request request;
	char *bytes;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	if (!buffer->bytes || request.size > SIZE_MOST || request.size <= buffer->size)
		return -EINVAL;
	if (request.keep)
		return grow(buffer, request.size);
	/* There need not be room for both at once. */
	kfree(buffer->bytes);
	bytes = kzalloc(request.size, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->size = request.size;
	return 0;
}

static long resize_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	switch (command) {
	case RESIZE_MAKE:
		return make(file->private_data, arg);
	case RESIZE_TO:
		return resize(file->private_data, (const struct resize_request __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations resize_ops = {
	.owner = THIS_MODULE,
	.open = resize_open,
	.release = resize_release,
	.unlocked_ioctl = resize_ioctl,
};

static struct miscdevice resize_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "resize",
	.fops = &resize_ops,
};

module_misc_device(resize_device);
MODULE_LICENSE("GPL");
