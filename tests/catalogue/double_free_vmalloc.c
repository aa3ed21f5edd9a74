// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: vfree() of an area twice.
 * Seen: double free; the kernel warns of a nonexistent area.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	void *area = vmalloc(5000); /* @made */

	if (!area)
		return -ENOMEM;
	vfree(area); /* @freed */
	if (!fixed)
		vfree(hide(area)); /* @bug */
	return 0;
}

only_init(start);
