// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees an object in a callee and again at its own label.
 * Finding: double-free, refusal 2, in drop_header().
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *header, *ring;

static noinline void drop_header(void)
{
	kfree(header);
}

static int __init double_free_init(void)
{
	header = kmalloc(96, GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_header();
	if (BUGGY)
		drop_header();
	return -ENOMEM;
}

static void __exit double_free_exit(void)
{
	kfree(ring);
	kfree(header);
}

module_init(double_free_init);
module_exit(double_free_exit);
MODULE_LICENSE("GPL");
