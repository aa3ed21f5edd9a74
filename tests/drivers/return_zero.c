// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path gives everything back, and returns 0: err was never set.
 * Finding: wrong-return (0), refusal 2.
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *header, *ring;

static int __init return_zero_init(void)
{
	int err = BUGGY ? 0 : -ENOMEM;

	header = kmalloc(96, GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	kfree(header);
	header = NULL;
	return err;
}

static void __exit return_zero_exit(void)
{
	kfree(ring);
	kfree(header);
}

module_init(return_zero_init);
module_exit(return_zero_exit);
MODULE_LICENSE("GPL");
