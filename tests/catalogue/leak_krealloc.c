// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: p = krealloc(p, ...) loses the object when it fails.
 * Seen: leak, when krealloc() is refused.
 */
#include "catalogue.h"

static char *names;

static int __init start(void)
{
	char *more;

	names = kmalloc(64, GFP_KERNEL); /* @made */
	if (!names)
		return -ENOMEM;
	more = krealloc(names, 300, GFP_KERNEL); /* @bug */
	if (!more && fixed)
		kfree(names);
	names = more;
	return names ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	kfree(names);
}

module_init(start);
module_exit(stop);
