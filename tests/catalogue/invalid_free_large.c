// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a pointer into the middle of an object too large for the slab caches.
 * After: kasan_test kmalloc_pagealloc_invalid_free.
 * Seen: invalid free.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *ring = kmalloc(KMALLOC_MAX_CACHE_SIZE + 10, GFP_KERNEL); /* @made */

	if (!ring)
		return -ENOMEM;
	if (!fixed)
		kfree(hide(ring + 1)); /* @bug */
	kfree(ring);
	return 0;
}

only_init(start);
