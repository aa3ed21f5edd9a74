// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets the first object.
 * Finding: leak of 96 bytes, refusal 2, allocated in make_header().
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *header, *ring;

static noinline void *make_header(void)
{
	return kmalloc(96, GFP_KERNEL);
}

static int __init leak_kmalloc_init(void)
{
	header = make_header();
	if (!header)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto free_header;
	return 0;

free_header:
	if (!BUGGY)
		kfree(header);
	return -ENOMEM;
}

static void __exit leak_kmalloc_exit(void)
{
	kfree(ring);
	kfree(header);
}

module_init(leak_kmalloc_init);
module_exit(leak_kmalloc_exit);
MODULE_LICENSE("GPL");
