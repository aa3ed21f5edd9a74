// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a page is written after it was freed.
 * After: LKDTM WRITE_BUDDY_AFTER_FREE; kasan_test pagealloc_uaf.
 * Seen: use after free; the kernel needs page_poison=1 and looks when the page is allocated
 *	again.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	char *page = (char *)__get_free_page(GFP_KERNEL); /* @made */

	if (!page)
		return -ENOMEM;
	if (fixed)
		WRITE_ONCE(page[100], 1);
	free_page((unsigned long)page); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(page)[100], 1); /* @bug */
	return 0;
}

only_init(start);
