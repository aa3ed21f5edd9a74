// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a vmalloc area.
 * After: kmemleak-test.
 * Seen: leak.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static void *area;

static int __init start(void)
{
	area = vmalloc(20000); /* @made */
	return area ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		vfree(area);
}

module_init(start);
module_exit(stop);
