// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: krealloc() of an object that is freed already.
 * After: kasan_test krealloc_uaf.
 * Seen: double free or use after free, in krealloc().
 */
#include "catalogue.h"

static int __init start(void)
{
	char *text = kmalloc(201, GFP_KERNEL), *more; /* @made */

	if (!text)
		return -ENOMEM;
	kfree(text); /* @freed */
	if (fixed)
		return 0;
	more = krealloc(hide(text), 500, GFP_KERNEL); /* @bug */
	kfree(more);
	return 0;
}

only_init(start);
