// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a name from kasprintf().
 * Seen: leak.
 */
#include <linux/kernel.h>
#include "catalogue.h"

static char *name;

static int __init start(void)
{
	name = kasprintf(GFP_KERNEL, "port-%u", hide(17u)); /* @made */
	return name ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		kfree(name);
}

module_init(start);
module_exit(stop);
