// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a block of pages.
 * Seen: leak; kmemleak does not track pages.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static unsigned long window;

static int __init start(void)
{
	window = __get_free_pages(GFP_KERNEL, 1); /* @made */
	return window ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		free_pages(window, 1);
}

module_init(start);
module_exit(stop);
