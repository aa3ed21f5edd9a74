// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the only pointer to an object is overwritten while the module runs.
 * After: kmemleak-test.
 * Seen: leak; by kmemleak while the module is loaded.
 */
#include "catalogue.h"

static void *buffer;

static int __init start(void)
{
	buffer = kmalloc(200, GFP_KERNEL); /* @made */
	if (!buffer)
		return -ENOMEM;
	if (fixed)
		kfree(buffer);
	WRITE_ONCE(buffer, kmalloc(300, GFP_KERNEL));
	if (buffer)
		return 0;
	return -ENOMEM;
}

static void __exit stop(void)
{
	kfree(buffer);
}

module_init(start);
module_exit(stop);
