// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path undoes everything and returns 0.
 * Seen: wrong return, when the second request is refused.
 */
#include "catalogue.h"

static void *table, *ring;

static int __init start(void)
{
	int error = 0;

	table = kmalloc(300, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	ring = kmalloc(400, GFP_KERNEL); /* @bug */
	if (ring)
		return 0;
	kfree(table);
	table = NULL;
	if (fixed)
		error = -ENOMEM;
	return error;
}

static void __exit stop(void)
{
	kfree(ring);
	kfree(table);
}

module_init(start);
module_exit(stop);
