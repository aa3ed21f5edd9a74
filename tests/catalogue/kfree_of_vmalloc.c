// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a vmalloc area.
 * Seen: invalid free.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	void *area = vmalloc(5000); /* @made */

	if (!area)
		return -ENOMEM;
	if (!fixed)
		kfree(hide(area)); /* @bug */
	vfree(area);
	return 0;
}

only_init(start);
