// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: strlen() of a buffer without a terminating zero.
 * After: kasan_test kasan_strings.
 * Seen: out of bounds, at the read itself.
 */
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	char *name = kmalloc(32, GFP_KERNEL); /* @made */

	if (!name)
		return -ENOMEM;
	memset(name, 'x', 32);
	if (fixed)
		name[31] = 0;
	keep(strlen(hide(name))); /* @bug */
	kfree(name);
	return 0;
}

only_init(start);
