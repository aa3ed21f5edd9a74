// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of an object too large for the slab caches twice.
 * After: kasan_test kmalloc_pagealloc_uaf.
 * Seen: double free.
 */
#include "catalogue.h"

static int __init start(void)
{
	void *ring = kmalloc(KMALLOC_MAX_CACHE_SIZE * 2, GFP_KERNEL); /* @made */

	if (!ring)
		return -ENOMEM;
	kfree(ring); /* @freed */
	if (!fixed)
		kfree(hide(ring)); /* @bug */
	return 0;
}

only_init(start);
