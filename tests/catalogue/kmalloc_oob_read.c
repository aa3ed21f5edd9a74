// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the byte behind a kmalloc object is read.
 * After: kasan_test kmalloc_oob_right.
 * Seen: out of bounds, at the read itself: nothing of it is left afterwards.
 */
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 127 : 128;
	char *name = kzalloc(128, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	(void)READ_ONCE(name[hide(end)]); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
