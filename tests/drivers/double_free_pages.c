// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees pages twice.
 * Finding: double-free, refusal 2, in drop_window().
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct page *window;
static void *ring;

static noinline void drop_window(void)
{
	__free_pages(window, 1);
}

static int __init double_free_pages_init(void)
{
	window = alloc_pages(GFP_KERNEL, 1);
	if (!window)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_window();
	if (BUGGY)
		drop_window();
	return -ENOMEM;
}

static void __exit double_free_pages_exit(void)
{
	kfree(ring);
	__free_pages(window, 1);
}

module_init(double_free_pages_init);
module_exit(double_free_pages_exit);
MODULE_LICENSE("GPL");
