// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: sprintf() of a text that is longer than its buffer.
 * After: kasan_test kasan_strings.
 * Seen: out of bounds.
 */
#include "catalogue.h"

static int __init start(void)
{
	char *name = kmalloc(12, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	sprintf(hide(name), "port-%u", fixed ? 1u : 1234567890u); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
