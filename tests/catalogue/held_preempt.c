// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a way out of a function forgets preempt_enable().
 * Seen: lock imbalance.
 */
#include <linux/preempt.h>
#include "catalogue.h"

static int __init start(void)
{
	preempt_disable(); /* @bug */
	if (fixed)
		preempt_enable();
	return 0;
}

only_init(start);
