// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns PTR_ERR() of a pointer that is not an error, and so a piece of an
 * address.
 * Finding: wrong-return (not an error number), refusal 2.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

static void *header, *ring;

static int __init return_stray_init(void)
{
	int err = -ENOMEM;

	header = kmalloc(96, GFP_KERNEL);
	if (!header)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (BUGGY)
		err = PTR_ERR(header);
	kfree(header);
	header = NULL;
	return err;
}

static void __exit return_stray_exit(void)
{
	kfree(ring);
	kfree(header);
}

module_init(return_stray_init);
module_exit(return_stray_exit);
MODULE_LICENSE("GPL");
