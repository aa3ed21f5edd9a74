// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character device that tells the user what it could not do; with the parameter `bug` it tells success instead:
 *
 *	get, set	an ioctl takes no notice of a copy to or from the user that failed
 *	start		an ioctl that gives back what it had allocated, since there is no memory for the rest, returns 0
 *	count, end	read() counts bytes that were not copied, or returns 0, as at the end of a file
 *
 * And without: `again` copies once more what could not be copied, `cache` works without the second of its buffers, read()
 * tells how much there was before the copy that failed. That is right.
 *
 * tests/scenarios/told.c uses it; tests/calls.sh says what must be found.
 */
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define HALF 8

static char *bug = "";
module_param(bug, charp, 0444);

static char text[2 * HALF] = "told, or not so";
static void *ring, *names;

static bool has(const char *name)
{
	return !strcmp(bug, name);
}

static ssize_t told_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	ssize_t done;

	for (done = 0; done < 2 * HALF && done + HALF <= count; done += HALF)
		if (copy_to_user(to + done, text + done, HALF) && !has("count"))
			return done ? done : has("end") ? 0 : -EFAULT;
	return done;
}

static long get(void __user *to)
{
	return copy_to_user(to, text, sizeof(text)) && !has("get") ? -EFAULT : 0;
}

static long set(const void __user *from)
{
	return copy_from_user(text, from, HALF) && !has("set") ? -EFAULT : 0;
}

static long again(void __user *to)
{
	return copy_to_user(to, text, HALF) && copy_to_user(to, text, 2 * HALF) ? -EFAULT : 0;
}

static void stop(void)
{
	kfree(names);
	kfree(ring);
	names = ring = NULL;
}

static long start(void)
{
	ring = kmalloc(96, GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	names = kmalloc(48, GFP_KERNEL);
	if (names)
		return 0;
	stop();
	return has("start") ? 0 : -ENOMEM;
}

static long cache(void)
{
	ring = kmalloc(96, GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	names = kmalloc(2048, GFP_KERNEL);
	return 0;
}

static long told_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	switch (command) {
	case _IO('t', 1):
		return get((void __user *)arg);
	case _IO('t', 2):
		return set((const void __user *)arg);
	case _IO('t', 3):
		return again((void __user *)arg);
	case _IO('t', 4):
		return start();
	case _IO('t', 5):
		return cache();
	case _IO('t', 6):
		stop();
		return 0;
	}
	return -ENOTTY;
}

static const struct file_operations told_fops = {
	.owner = THIS_MODULE,
	.read = told_read,
	.unlocked_ioctl = told_ioctl,
};

static struct miscdevice told = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kfail_told",
	.fops = &told_fops,
};

module_misc_device(told);
MODULE_LICENSE("GPL");
