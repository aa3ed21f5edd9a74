// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object that krealloc() has made larger is written behind its new end.
 * After: kasan_test krealloc_more_oob.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 234 : 235;
	char *text = kmalloc(201, GFP_KERNEL), *more;

	if (!text)
		return -ENOMEM;
	more = krealloc(text, 235, GFP_KERNEL); /* @made */
	if (!more) {
		kfree(text);
		return -ENOMEM;
	}
	WRITE_ONCE(more[hide(end)], 'x'); /* @bug */
	kfree(more);
	return 0;
}

only_init(start);
