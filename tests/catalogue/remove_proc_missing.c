// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a file in /proc is removed that was never there.
 * Seen: a warning of the kernel.
 */
#include <linux/proc_fs.h>
#include "catalogue.h"

static int __init start(void)
{
	if (!fixed)
		remove_proc_entry("catalogue_missing", NULL); /* @bug */
	return 0;
}

only_init(start);
