// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memset() of one byte more than the object has.
 * After: kasan_test kmalloc_oob_memset_2.
 * Seen: out of bounds.
 */
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t size = fixed ? 120 : 121;
	char *state = kmalloc(120, GFP_KERNEL); /* @made */

	if (!state)
		return -ENOMEM;
	memset(hide(state), 0, hide(size)); /* @bug */
	kfree(state);
	return 0;
}

only_init(start);
