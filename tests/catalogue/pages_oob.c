// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the byte behind a block of pages is written.
 * After: kasan_test pagealloc_oob_right.
 * Seen: the page behind belongs to nobody or to another: out of bounds or use after free.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 4 * PAGE_SIZE - 1 : 4 * PAGE_SIZE;
	char *window = (char *)__get_free_pages(GFP_KERNEL, 2); /* @made */

	if (!window)
		return -ENOMEM;
	WRITE_ONCE(window[hide(end)], 1); /* @bug */
	free_pages((unsigned long)window, 2);
	return 0;
}

only_init(start);
