// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memcpy() of more than the source has; the destination is large enough.
 * After: kasan_test kmalloc_oob_16 (reading).
 * Seen: out of bounds, at the read itself.
 */
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t size = fixed ? 40 : 60;
	char *from = kzalloc(40, GFP_KERNEL); /* @made */
	char *to = kzalloc(64, GFP_KERNEL);

	if (from && to)
		memcpy(hide(to), hide(from), hide(size)); /* @bug */
	kfree(from);
	kfree(to);
	return from && to ? 0 : -ENOMEM;
}

only_init(start);
