// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a window of two pages is read after it was given back.
 * Finding: use-after-free, without a refusal, in look(), at the very read; only with --guard.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static unsigned long window;
static long last;

static noinline long look(unsigned long addr)
{
	return READ_ONCE(*(long *)(addr + PAGE_SIZE + 8));
}

static int __init guard_read_pages_init(void)
{
	window = __get_free_pages(GFP_KERNEL | __GFP_ZERO, 1);
	return window ? 0 : -ENOMEM;
}

static void __exit guard_read_pages_exit(void)
{
	if (!BUGGY)
		last = look(window);
	free_pages(window, 1);
	if (BUGGY)
		last = look(window);
}

module_init(guard_read_pages_init);
module_exit(guard_read_pages_exit);
MODULE_LICENSE("GPL");
