// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: vfree() of a kmalloc object.
 * Seen: invalid free.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	void *table = kmalloc(4096, GFP_KERNEL); /* @made */

	if (!table)
		return -ENOMEM;
	if (!fixed)
		vfree(hide(table)); /* @bug */
	kfree(table);
	return 0;
}

only_init(start);
