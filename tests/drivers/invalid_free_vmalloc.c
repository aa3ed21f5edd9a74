// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path gives a vmalloc area to kfree().
 * Finding: invalid-free, refusal 2, in drop_area().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static void *area, *ring;

static noinline void drop_area(void)
{
	if (BUGGY)
		kfree(area);
	else
		vfree(area);
}

static int __init invalid_free_vmalloc_init(void)
{
	area = vmalloc(20000);
	if (!area)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_area();
	return -ENOMEM;
}

static void __exit invalid_free_vmalloc_exit(void)
{
	kfree(ring);
	vfree(area);
}

module_init(invalid_free_vmalloc_init);
module_exit(invalid_free_vmalloc_exit);
MODULE_LICENSE("GPL");
