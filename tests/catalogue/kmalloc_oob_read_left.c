// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the byte before a kmalloc object is read, by a loop backwards that goes one too far.
 * After: kasan_test kmalloc_oob_left.
 * Seen: out of bounds, at the read itself.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *name = kzalloc(128, GFP_KERNEL); /* @made */
	ptrdiff_t i = 127;

	if (!name)
		return -ENOMEM;
	while (i >= (fixed ? 0 : -1) && READ_ONCE(name[hide(i)]) == 0 && i > -1) /* @bug */
		i--;
	kfree(name);
	return 0;
}

only_init(start);
