// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memcmp() of more than one of both objects has.
 * After: kasan_test kasan_memcmp.
 * Seen: out of bounds, at the read itself.
 */
#include <linux/string.h>
#include "catalogue.h"

static const char other[48];

static int __init start(void)
{
	size_t size = fixed ? 24 : 25;
	char *address = kzalloc(24, GFP_KERNEL); /* @made */

	if (!address)
		return -ENOMEM;
	keep(memcmp(hide(address), other, hide(size))); /* @bug */
	kfree(address);
	return 0;
}

only_init(start);
