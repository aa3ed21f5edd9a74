// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the page behind a mapping of vmap() is read.
 * After: kasan_test vmap_tags.
 * Seen: out of bounds, a fault: no page is there.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? PAGE_SIZE - 1 : PAGE_SIZE;
	struct page *page = alloc_page(GFP_KERNEL);
	char *area;

	if (!page)
		return -ENOMEM;
	area = vmap(&page, 1, VM_MAP, PAGE_KERNEL); /* @made */
	if (area) {
		(void)READ_ONCE(area[hide(end)]); /* @bug */
		vunmap(area);
	}
	__free_page(page);
	return area ? 0 : -ENOMEM;
}

only_init(start);
