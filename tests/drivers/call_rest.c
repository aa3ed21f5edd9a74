// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: what copy_to_user() could not copy, a number of bytes, is returned as if it were an error.
 * Finding: wrong-return of init, a positive number.
 */
#include <linux/module.h>
#include <linux/uaccess.h>

static const char version[] = "version 1";
static char answer[16];

static int __init call_rest_init(void)
{
	unsigned long left = copy_to_user((void __force __user *)answer, version, sizeof(version));

	if (BUGGY)
		return (int)left;
	return left ? -EFAULT : 0;
}

static void __exit call_rest_exit(void)
{
}

module_init(call_rest_init);
module_exit(call_rest_exit);
MODULE_LICENSE("GPL");
