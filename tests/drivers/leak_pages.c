// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets a pair of pages.
 * Finding: leak of 8192 bytes of pages, refusal 2, allocated in make_window().
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct page *window;
static void *ring;

static noinline struct page *make_window(void)
{
	return alloc_pages(GFP_KERNEL, 1);
}

static int __init leak_pages_init(void)
{
	window = make_window();
	if (!window)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto free_window;
	return 0;

free_window:
	if (!BUGGY)
		__free_pages(window, 1);
	return -ENOMEM;
}

static void __exit leak_pages_exit(void)
{
	kfree(ring);
	__free_pages(window, 1);
}

module_init(leak_pages_init);
module_exit(leak_pages_exit);
MODULE_LICENSE("GPL");
