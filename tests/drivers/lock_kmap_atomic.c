// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a page mapped with kmap_atomic(), and so preemption disabled.
 * Finding: lock-imbalance.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct page *page;
static void *copy;

static noinline int copy_page_out(void)
{
	char *from = kmap_atomic(page);

	copy = kmemdup(from, 256, GFP_ATOMIC);
	if (!copy) {
		if (!BUGGY)
			kunmap_atomic(from);
		return -ENOMEM;
	}
	kunmap_atomic(from);
	return 0;
}

static int __init lock_kmap_atomic_init(void)
{
	int err;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	err = copy_page_out();
	if (err)
		__free_page(page);
	return err;
}

static void __exit lock_kmap_atomic_exit(void)
{
	kfree(copy);
	__free_page(page);
}

module_init(lock_kmap_atomic_init);
module_exit(lock_kmap_atomic_exit);
MODULE_LICENSE("GPL");
