// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a pointer into the middle of an object.
 * After: kasan_test kmem_cache_invalid_free.
 * Seen: invalid free.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *packet = kmalloc(128, GFP_KERNEL); /* @made */

	if (!packet)
		return -ENOMEM;
	kfree(fixed ? packet : hide(packet + 16)); /* @bug */
	return 0;
}

only_init(start);
