// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: memmove() of a length that has become negative: the header is longer than the packet.
 * After: kasan_test kmalloc_memmove_negative_size.
 * Seen: a fault far behind the object; the kernel dies of it.
 */
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t length = fixed ? 2 : (size_t)-2;
	char *packet = kzalloc(64, GFP_KERNEL); /* @made */

	if (!packet)
		return -ENOMEM;
	memmove(hide(packet), hide(packet + 4), hide(length)); /* @bug */
	kfree(packet);
	return 0;
}

only_init(start);
