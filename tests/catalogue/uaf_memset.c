// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memset() of a freed object.
 * After: kasan_test kmalloc_uaf_memset.
 * Seen: use after free.
 */
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	char *secret = kmalloc(33, GFP_KERNEL); /* @made */

	if (!secret)
		return -ENOMEM;
	if (fixed)
		memset(secret, 0, 33);
	kfree(secret); /* @freed */
	if (!fixed)
		memset(hide(secret), 0, 33); /* @bug */
	return 0;
}

only_init(start);
