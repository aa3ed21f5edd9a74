// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memcpy() into an object that is smaller than what is copied.
 * After: kasan_test kmalloc_oob_16.
 * Seen: out of bounds.
 */
#include <linux/string.h>
#include "catalogue.h"

static const char header[24] = "0123456789012345678901";

static int __init start(void)
{
	size_t size = fixed ? 16 : sizeof(header);
	char *copy = kmalloc(16, GFP_KERNEL); /* @made */

	if (!copy)
		return -ENOMEM;
	memcpy(hide(copy), header, hide(size)); /* @bug */
	kfree(copy);
	return 0;
}

only_init(start);
