// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the fragment is freed, but its cache is never drained and keeps the pages.
 * Finding: resource-leak (page fragment cache), allocated in take_fragment(), without a refusal.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct page_frag_cache cache;
static void *fragment;

static noinline void *take_fragment(void)
{
	return page_frag_alloc(&cache, 1500, GFP_KERNEL);
}

static int __init left_page_frag_init(void)
{
	fragment = take_fragment();
	return fragment ? 0 : -ENOMEM;
}

static void __exit left_page_frag_exit(void)
{
	page_frag_free(fragment);
	if (!BUGGY)
		__page_frag_cache_drain(virt_to_head_page(cache.va), cache.pagecnt_bias);
}

module_init(left_page_frag_init);
module_exit(left_page_frag_exit);
MODULE_LICENSE("GPL");
