// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns ENOMEM without its sign.
 * Seen: wrong return, when the request is refused.
 */
#include "catalogue.h"

static void *table;

static int __init start(void)
{
	table = kmalloc(300, GFP_KERNEL); /* @bug */
	if (table)
		return 0;
	return fixed ? -ENOMEM : ENOMEM;
}

static void __exit stop(void)
{
	kfree(table);
}

module_init(start);
module_exit(stop);
