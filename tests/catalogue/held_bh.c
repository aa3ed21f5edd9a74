// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a way out of a function forgets local_bh_enable().
 * Seen: lock imbalance.
 */
#include <linux/bottom_half.h>
#include "catalogue.h"

static int __init start(void)
{
	local_bh_disable(); /* @bug */
	if (fixed)
		local_bh_enable();
	return 0;
}

only_init(start);
