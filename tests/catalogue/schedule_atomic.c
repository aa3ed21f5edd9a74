// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: schedule() with preemption off.
 * After: LKDTM.
 * Seen: scheduling while atomic.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include "catalogue.h"

static int __init start(void)
{
	if (!fixed)
		preempt_disable();
	schedule(); /* @bug */
	if (!fixed)
		preempt_enable();
	return 0;
}

only_init(start);
