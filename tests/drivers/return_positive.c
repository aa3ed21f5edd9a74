// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns ENOMEM instead of -ENOMEM; the kernel takes that for success.
 * Finding: wrong-return (12), refusal 1.
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *ring;

static int __init return_positive_init(void)
{
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	return BUGGY ? ENOMEM : -ENOMEM;
}

static void __exit return_positive_exit(void)
{
	kfree(ring);
}

module_init(return_positive_init);
module_exit(return_positive_exit);
MODULE_LICENSE("GPL");
