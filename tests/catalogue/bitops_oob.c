// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: set_bit() of a number that the bitmap has not.
 * After: kasan_test kasan_bitops_generic.
 * Seen: out of bounds.
 */
#include <linux/bitops.h>
#include "catalogue.h"

static int __init start(void)
{
	unsigned int bit = fixed ? BITS_PER_LONG - 1 : BITS_PER_LONG;
	unsigned long *map = kzalloc(sizeof(*map), GFP_KERNEL); /* @made */

	if (!map)
		return -ENOMEM;
	set_bit(hide(bit), map); /* @bug */
	kfree(map);
	return 0;
}

only_init(start);
