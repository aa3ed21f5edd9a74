// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets a vmalloc area.
 * Finding: leak of 20000 bytes of vmalloc, refusal 2, allocated in make_area().
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static void *area, *ring;

static noinline void *make_area(void)
{
	return vmalloc(20000);
}

static int __init leak_vmalloc_init(void)
{
	area = make_area();
	if (!area)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto free_area;
	return 0;

free_area:
	if (!BUGGY)
		vfree(area);
	return -ENOMEM;
}

static void __exit leak_vmalloc_exit(void)
{
	kfree(ring);
	vfree(area);
}

module_init(leak_vmalloc_init);
module_exit(leak_vmalloc_exit);
MODULE_LICENSE("GPL");
