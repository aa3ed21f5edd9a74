// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object that krealloc() has made smaller is written up to its old end.
 * After: kasan_test krealloc_less_oob.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 200 : 230;
	char *text = kmalloc(235, GFP_KERNEL), *less; /* @made */

	if (!text)
		return -ENOMEM;
	less = krealloc(text, 201, GFP_KERNEL); /* @bug */
	if (!less) {
		kfree(text);
		return -ENOMEM;
	}
	WRITE_ONCE(less[hide(end)], 'x'); /* @write */
	kfree(less);
	return 0;
}

only_init(start);
