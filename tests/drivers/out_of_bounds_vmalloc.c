// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path writes behind the last page of a vmalloc area, into its guard page.
 * Finding: out-of-bounds, refusal 2, in finish().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define AREA_SIZE (2 * PAGE_SIZE)

static char *area;
static void *ring;

static noinline void finish(size_t end)
{
	WRITE_ONCE(area[end], '\n');
}

static int __init out_of_bounds_vmalloc_init(void)
{
	area = vmalloc(AREA_SIZE);
	if (!area)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	finish(BUGGY ? AREA_SIZE : AREA_SIZE - 1);
	vfree(area);
	return -ENOMEM;
}

static void __exit out_of_bounds_vmalloc_exit(void)
{
	kfree(ring);
	vfree(area);
}

module_init(out_of_bounds_vmalloc_init);
module_exit(out_of_bounds_vmalloc_exit);
MODULE_LICENSE("GPL");
