// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind the size of a vmalloc area is written, inside of its last page.
 * After: kasan_test vmalloc_oob.
 * Seen: out of bounds.
 */
#include <linux/vmalloc.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t size = PAGE_SIZE + 100, end = fixed ? size - 1 : size;
	char *area = vmalloc(size); /* @made */

	if (!area)
		return -ENOMEM;
	WRITE_ONCE(area[hide(end)], 1); /* @bug */
	vfree(area);
	return 0;
}

only_init(start);
