// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets an object; no failure is needed.
 * Finding: leak of 96 bytes, without a refusal, allocated in make_header().
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *header, *ring;

static noinline void *make_header(void)
{
	return kmalloc(96, GFP_KERNEL);
}

static int __init leak_exit_init(void)
{
	header = make_header();
	if (!header)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	kfree(header);
	return -ENOMEM;
}

static void __exit leak_exit_exit(void)
{
	kfree(ring);
	if (!BUGGY)
		kfree(header);
}

module_init(leak_exit_init);
module_exit(leak_exit_exit);
MODULE_LICENSE("GPL");
