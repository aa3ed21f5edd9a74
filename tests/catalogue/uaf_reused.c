// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is written after kfree(), when its memory may belong to another one again.
 * After: kasan_test kmalloc_uaf2; LKDTM WRITE_AFTER_FREE.
 * Seen: use after free, as long as freed memory is not given away at once.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *first = kmalloc(43, GFP_KERNEL), *second; /* @made */

	if (!first)
		return -ENOMEM;
	kfree(first); /* @freed */
	second = kmalloc(43, GFP_KERNEL);
	if (!second)
		return -ENOMEM;
	WRITE_ONCE((fixed ? second : hide(first))[20], 'x'); /* @bug */
	kfree(second);
	return 0;
}

only_init(start);
