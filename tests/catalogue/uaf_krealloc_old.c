// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the old pointer is used after krealloc() has moved the object.
 * After: kasan_test krealloc_uaf.
 * Seen: use after free.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *text = kmalloc(100, GFP_KERNEL), *more; /* @made */

	if (!text)
		return -ENOMEM;
	more = krealloc(text, 5000, GFP_KERNEL); /* @freed */
	if (!more) {
		kfree(text);
		return -ENOMEM;
	}
	WRITE_ONCE((fixed ? more : hide(text))[50], 'x'); /* @bug */
	kfree(more);
	return 0;
}

only_init(start);
