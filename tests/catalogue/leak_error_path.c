// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets what was allocated first.
 * Seen: leak, when the second request is refused.
 */
#include "catalogue.h"

static void *header, *ring;

static int __init start(void)
{
	header = kmalloc(96, GFP_KERNEL); /* @made */
	if (!header)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (fixed)
		kfree(header);
	return -ENOMEM;
}

static void __exit stop(void)
{
	kfree(ring);
	kfree(header);
}

module_init(start);
module_exit(stop);
