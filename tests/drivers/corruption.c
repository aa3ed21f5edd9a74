// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees one page as if it were two: the neighbour, which is somebody else's,
 * goes free with it.
 * Finding: corruption (of the page allocator), refusal 2, in drop_window().
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct page *window;
static void *ring;

static noinline void drop_window(void)
{
	__free_pages(window, BUGGY ? 1 : 0);
}

static int __init corruption_init(void)
{
	window = alloc_pages(GFP_KERNEL, 0);
	if (!window)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_window();
	return -ENOMEM;
}

static void __exit corruption_exit(void)
{
	kfree(ring);
	__free_pages(window, 0);
}

module_init(corruption_init);
module_exit(corruption_exit);
MODULE_LICENSE("GPL");
