// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a page is read after it was freed.
 * After: LKDTM READ_BUDDY_AFTER_FREE.
 * Seen: use after free, at the read itself.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL); /* @made */

	if (!page)
		return -ENOMEM;
	if (fixed)
		(void)READ_ONCE(page[100]);
	free_page((unsigned long)page); /* @freed */
	if (!fixed)
		(void)READ_ONCE(hide(page)[100]); /* @bug */
	return 0;
}

only_init(start);
