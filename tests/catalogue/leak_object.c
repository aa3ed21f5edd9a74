// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets an object.
 * Seen: leak; kmemleak sees it because nobody points to it once the module is gone.
 */
#include "catalogue.h"

static void *header;

static int __init start(void)
{
	header = kmalloc(96, GFP_KERNEL); /* @made */
	return header ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		kfree(header);
}

module_init(start);
module_exit(stop);
