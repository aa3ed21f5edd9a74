// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a block of pages is freed twice.
 * After: LKDTM; kasan_test pagealloc_uaf.
 * Seen: double free.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	unsigned long window = __get_free_pages(GFP_KERNEL, 1); /* @made */

	if (!window)
		return -ENOMEM;
	free_pages(window, 1); /* @freed */
	if (!fixed)
		free_pages(hide(window), 1); /* @bug */
	return 0;
}

only_init(start);
