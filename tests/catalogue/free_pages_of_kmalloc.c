// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: free_page() of a kmalloc object.
 * Seen: invalid free.
 */
#include <linux/gfp.h>
#include "catalogue.h"

static int __init start(void)
{
	void *table = kmalloc(1024, GFP_KERNEL); /* @made */

	if (!table)
		return -ENOMEM;
	if (!fixed)
		free_page((unsigned long)hide(table)); /* @bug */
	kfree(table);
	return 0;
}

only_init(start);
