// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the page behind a vmalloc area is written.
 * After: LKDTM VMALLOC_LINEAR_OVERFLOW.
 * Seen: out of bounds, a fault: no page is there.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 2 * PAGE_SIZE - 1 : 2 * PAGE_SIZE;
	char *area = vmalloc(2 * PAGE_SIZE); /* @made */

	if (!area)
		return -ENOMEM;
	WRITE_ONCE(area[hide(end)], 1); /* @bug */
	vfree(area);
	return 0;
}

only_init(start);
