// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a vmalloc area is written after vfree().
 * After: kasan_test vmalloc_oob.
 * Seen: use after free, a fault: the pages are gone.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	char *area = vmalloc(3 * PAGE_SIZE); /* @made */

	if (!area)
		return -ENOMEM;
	if (fixed)
		WRITE_ONCE(area[100], 1);
	vfree(area); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(area)[100], 1); /* @bug */
	return 0;
}

only_init(start);
