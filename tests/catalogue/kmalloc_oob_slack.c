// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a write behind the requested size, inside of the bucket: kmalloc(100) is used as if it
 *	were 112 bytes.
 * After: kasan_test kmalloc_oob_right.
 * Seen: out of bounds; SLUB's redzone begins behind the bucket's 128 bytes and does not see it.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 96 : 110;
	char *name = kmalloc(100, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	WRITE_ONCE(name[hide(end)], 'x'); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
