// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path gives a kmalloc object to vfree().
 * Finding: invalid-free, refusal 2, in drop_area().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static void *area, *ring;

static noinline void drop_area(void)
{
	if (BUGGY)
		vfree(area);
	else
		kfree(area);
}

static int __init invalid_free_kmalloc_init(void)
{
	area = kmalloc(4096, GFP_KERNEL);
	if (!area)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_area();
	return -ENOMEM;
}

static void __exit invalid_free_kmalloc_exit(void)
{
	kfree(ring);
	kfree(area);
}

module_init(invalid_free_kmalloc_init);
module_exit(invalid_free_kmalloc_exit);
MODULE_LICENSE("GPL");
