// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: nobody asks whether the header could be copied. What could not is zero, and so is then the number of names.
 * Finding: null-dereference in fill_names(), which writes to memory of no bytes.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

struct header {
	unsigned int count;
};

static const struct header wanted = {.count = 4};
static char (*names)[16];

static noinline void fill_names(void)
{
	names[0][0] = 'x';
}

static int __init call_usercopy_init(void)
{
	/* In the worlds that run this, a driver's data can be read as user memory. */
	const void __user *from = (const void __force __user *)&wanted;
	struct header header;

	if (copy_from_user(&header, from, sizeof(header)) && !BUGGY)
		return -EFAULT;
	names = kmalloc_array(header.count, sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	fill_names();
	return 0;
}

static void __exit call_usercopy_exit(void)
{
	kfree(names);
}

module_init(call_usercopy_init);
module_exit(call_usercopy_exit);
MODULE_LICENSE("GPL");
